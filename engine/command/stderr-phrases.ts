/**
 * Every sentence that callers recognise by its text: the SDK tells errors apart by the words on stderr (pulumi/pulumi:sdk/nodejs/automation/errors.ts),
 * people and scripts grep for the others. Wording as the CLI v3.259.0 has it.
 */
export const phrases = {
  // Stacks
  stackNotFound: (name: string) => `no stack named '${name}' found`,
  stackExists: (qualifiedName: string) => `stack '${qualifiedName}' already exists`,
  stackNamedExists: (name: string) => `a stack named ${name} already exists`,
  noStackSelected: "no stack selected; please use `pulumi stack select` or `pulumi stack init` to choose one",
  missingStackName: "missing stack name",
  emptyStackName: "stack name must not be empty",
  wrongOrganization: "organization name must be 'organization'",
  noProject:
    "no Pulumi.yaml project file found; either run this command from a directory containing a Pulumi project, or pass the fully qualified stack name (organization/project/stack)",
  projectNotFound: (folder: string) =>
    `no Pulumi.yaml project file found (searching upwards from ${folder}). If you have not created a project yet, use \`pulumi new\` to do so`,
  illegalStackName: (name: string) =>
    `a stack name may only contain alphanumeric, hyphens, underscores, or periods: '${name}' doesn't; use between 1 and 100 of these characters`,
  projectMismatch: (given: string, project: string) => `provided project name "${given}" doesn't match Pulumi.yaml (${project})`,
  stillHasResources: (name: string) =>
    `'${name}' still has resources; removal rejected. Possible actions:\n` +
    `- Make sure that '${name}' is the stack that you want to destroy\n` +
    "- Run `pulumi destroy` to delete the resources, then run `pulumi stack rm`\n" +
    "- Run `pulumi stack rm --force` to override this error",
  noOutput: (name: string) => `current stack does not have output property '${name}'`,
  tagNotFound: (tag: string, stack: string) => `stack tag '${tag}' not found for stack '${stack}'`,

  // Locks
  locked: (count: number, lines: readonly string[]) =>
    `the stack is currently locked by ${count} lock(s). Either wait for the other process(es) to end or delete the lock file with \`pulumi cancel\`.` +
    lines.map((line) => `\n  ${line}`).join(""),

  // Configuration
  configKeyNotFound: (key: string, stack: string) => `configuration key '${key}' not found for stack '${stack}'`,
  badConfigKey: (key: string) => `could not parse ${key} as a configuration key (configuration keys should be of the form \`<namespace>:<name>\`)`,
  secureIsReserved: '"secure" key in maps of length 1 are reserved',
  missingConfiguration: (stack: string, keys: readonly string[]) =>
    `Stack '${stack}' is missing configuration ${keys.length > 1 ? "values" : "value"} ${listed(keys)}`,
  wrongConfigType: (stack: string, key: string, type: string) => `Stack '${stack}' with configuration key '${key}' must be of type '${type}'`,
  mustBeEncrypted: (stack: string, key: string) => `Stack '${stack}' with configuration key '${key}' must be encrypted as it's secret`,
  environmentsUnsupported: (backend: string) => `backend ${backend} does not support environments`,

  // Secrets
  missingPassphrase: "passphrase must be set with PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE environment variables",
  unreadablePassphraseFile: (file: string, reason: string) => `unable to read PULUMI_CONFIG_PASSPHRASE_FILE: ${file}: ${reason}`,
  incorrectPassphrase: "incorrect passphrase",
  malformedSalt: "malformed encryption salt: expected v1:SALT:v1:NONCE:CIPHERTEXT",
  lockedSecrets: (verb: string) =>
    `failed to ${verb}: incorrect passphrase, please set PULUMI_CONFIG_PASSPHRASE to the correct passphrase or set PULUMI_CONFIG_PASSPHRASE_FILE to a file containing the passphrase`,
  unsupportedSecretsProvider: (type: string) => `the secrets provider '${type}' isn't supported by the embedded engine; use 'passphrase', or the genuine CLI`,

  // Operations
  changesNotExpected: (action: string) => `no changes were expected for ${action} but changes were proposed`,
  cancelled: "update cancelled",
  yesRequired: "--yes or --skip-preview must be passed in to proceed when running in non-interactive mode",
  yesOrPreviewOnlyRequired: "--yes or --skip-preview or --preview-only must be passed in to proceed when running in non-interactive mode",
  yesNeedsNoPreviewOnly: "--yes and --preview-only cannot be used together",
  targetAndExclude: "cannot specify both --target and --exclude",
  excludeProtectedAndTarget: "you cannot specify --target and --exclude-protected",
  unsupported: (what: string) => `${what} isn't supported by the embedded engine; use the genuine Pulumi CLI for it`,

  // State
  integrityOnRead: (reason: string) => `snapshot integrity failure; refusing to use it: ${reason}`,
  integrityOnWrite: (file: string, reason: string) => `${file}: snapshot integrity failure; it wasn't written, the last good checkpoint stays: ${reason}`,
  unsupportedFeatures: (features: readonly string[]) =>
    `the stack's deployment requires features this version of the engine doesn't have: ${features.join(", ")}; use the genuine Pulumi CLI for it`,
} as const;

function listed(keys: readonly string[]): string {
  const quoted = [...keys].sort().map((key) => `'${key}'`);
  if (quoted.length === 1) return quoted[0]!;
  return `${quoted.slice(0, -1).join(", ")} and ${quoted.at(-1)}`;
}
