export interface PemBlock {
  /** The words between BEGIN and the dashes, as in `RSA PRIVATE KEY`. */
  readonly label: string;
  readonly der: Buffer;
}

/** The block as text: 64 columns, a newline at the end. */
export function encodePem(label: string, der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString("base64")
      .match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ""].join("\n");
}

/** The first block of the text, whatever surrounds it; `undefined` when there is none. */
export function decodePem(text: string): PemBlock | undefined {
  for (const match of text.matchAll(/^-----BEGIN ([^\r\n]+?)-----[ \t]*\r?\n([\s\S]*?)-----END ([^\r\n]+?)-----[ \t]*\r?$/gm)) {
    const [, label = "", body = "", end = ""] = match;
    const base64 = body.replace(/^(?:[^:\r\n]+:[^\r\n]*\r?\n(?:[ \t][^\r\n]*\r?\n)*)*/, "").replace(/\s/g, "");
    if (label === end && base64.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(base64)) return { label, der: Buffer.from(base64, "base64") };
  }
  return undefined;
}

/** Whether the text is one PEM block and nothing else. */
export function isPem(text: string): boolean {
  return /^-----BEGIN [A-Za-z ]+-----\n[\s\S]+\n-----END [A-Za-z ]+-----\n?$/.test(text);
}
