import { Agent, request } from "node:https";
import { isIP } from "node:net";
import { connect, getCACertificates, type TLSSocket } from "node:tls";

/** How servers are reached. */
export interface Reach {
  /** Whether a server's chain has to end at an authority that this machine trusts. */
  readonly verify: boolean;
  /** HTTP_PROXY, HTTPS_PROXY and NO_PROXY, for HTTPS only. */
  readonly proxy: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

const patience = 30_000;
const mostRedirects = 10;

/** The certificates that the server of a `tls://host:port` address sends, its own first. */
export async function peersOverTls(url: URL, reach: Reach): Promise<Uint8Array[]> {
  const socket = connect({
    host: hostOf(url),
    port: Number(url.port),
    ...(isIP(hostOf(url)) ? {} : { servername: hostOf(url) }),
    ...trust(reach.verify),
  });
  const stop = AbortSignal.any([reach.signal, AbortSignal.timeout(patience)]);
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once("secureConnect", resolve);
      socket.once("error", reject);
      stop.addEventListener("abort", () => reject(stop.reason), { once: true });
    });
    return chainOf(socket);
  } catch (error) {
    throw new Error(`unable to execute TLS connection towards ${url.host}: ${(error as Error).message}`, { cause: error });
  } finally {
    socket.destroy();
  }
}

/** The certificates that the server behind an `https://` address sends, its own first; redirects are followed. Asks by HEAD, then by GET. */
export async function peersOverHttps(url: URL, reach: Reach): Promise<Uint8Array[]> {
  try {
    const chain = await ask("HEAD", url, reach);
    if (chain.length) return chain;
  } catch {
    // A server may refuse HEAD; what GET says counts.
  }
  try {
    return await ask("GET", url, reach);
  } catch (error) {
    throw new Error(`failed to fetch certificates from URL '${url.protocol.slice(0, -1)}': ${(error as Error).message}`, { cause: error });
  }
}

async function ask(method: "HEAD" | "GET", start: URL, reach: Reach): Promise<Uint8Array[]> {
  const agent = new Agent({ keepAlive: false, proxyEnv: reach.proxy, ...trust(reach.verify) });
  try {
    let url = start;
    for (let redirects = 0; redirects <= mostRedirects; redirects++) {
      const answer = await send(method, url, agent, reach.signal);
      if (answer.location === undefined) return answer.chain;
      url = new URL(answer.location, url);
      if (url.protocol !== "https:") throw new Error(`redirected to ${url.protocol}//, where there are no certificates`);
    }
    throw new Error(`stopped after ${mostRedirects} redirects`);
  } finally {
    agent.destroy();
  }
}

function send(method: string, url: URL, agent: Agent, signal: AbortSignal): Promise<{ readonly chain: Uint8Array[]; readonly location: string | undefined }> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, agent, signal: AbortSignal.any([signal, AbortSignal.timeout(patience)]) }, (response) => {
      const redirected = [301, 302, 303, 307, 308].includes(response.statusCode ?? 0);
      resolve({ chain: chainOf(response.socket as TLSSocket), location: redirected ? response.headers.location : undefined });
      response.destroy();
    });
    sent.once("error", reject);
    sent.end();
  });
}

function chainOf(socket: TLSSocket): Uint8Array[] {
  const chain: Uint8Array[] = [];
  for (let certificate = socket.getPeerX509Certificate(); certificate; certificate = certificate.issuerCertificate) chain.push(certificate.raw);
  return chain;
}

function hostOf(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, "");
}

/** Verification against what Node trusts and what the machine does, or none. */
function trust(verify: boolean): { readonly rejectUnauthorized: boolean; readonly ca?: string[] } {
  if (!verify) return { rejectUnauthorized: false };
  return { rejectUnauthorized: true, ca: [...new Set([...getCACertificates("default"), ...getCACertificates("system")])] };
}
