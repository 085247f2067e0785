/** A provider's complaint as Terraform's plugin framework words it: a title, an explanation and, where it has one, a place. */
export class Diagnostic extends Error {
  readonly summary: string;
  readonly detail: string;
  /** Pulumi path of the attribute, as in `subject.commonName`; absent when it concerns the whole resource. */
  readonly attribute: string | undefined;

  constructor(summary: string, detail: string, attribute?: string) {
    super(summary === detail ? summary : `${summary}: ${detail}`);
    this.name = "Diagnostic";
    this.summary = summary;
    this.detail = detail;
    this.attribute = attribute;
  }
}
