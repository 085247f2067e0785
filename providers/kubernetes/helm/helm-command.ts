/** Placeholder so that the folder compiles; replaced below. */
export interface HelmCommand {
  readonly path: () => Promise<string>;
}
