/** The run is over, so the request can't be answered; the program unwinds quietly. */
export class MonitorClosedError extends Error {
  constructor() {
    super("resource monitor shut down while waiting on step's done channel");
    this.name = "MonitorClosedError";
  }
}
