/** Type token of a component resource. */
export function componentType(name: string): string {
  return `strata:component:${name}`;
}
