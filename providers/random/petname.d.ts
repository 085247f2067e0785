declare module "petname" {
  /** Word lists of the petname family, and a generator over `Math.random` that isn't used here. */
  class PetName {
    readonly adverbs: readonly string[];
    readonly adjectives: readonly string[];
    readonly names: readonly string[];
  }
  export = PetName;
}
