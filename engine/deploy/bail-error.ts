/** Ends the run for a reason that was reported already. */
export class BailError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "BailError";
  }
}
