import { type Clock, systemClock } from "#core/clock.ts";
import { BridgedProvider } from "#providers/bridged/bridged-provider.ts";
import { sdkVersion } from "#providers/bridged/sdk-version.ts";
import type { ProviderPackage } from "#providers/contract.ts";
import { GoRandom, SeedMask } from "#providers/random/go-random.ts";
import { randomBytes } from "#providers/random/random-bytes.ts";
import { randomId } from "#providers/random/random-id.ts";
import { randomInteger } from "#providers/random/random-integer.ts";
import { randomPassword } from "#providers/random/random-password.ts";
import { randomPet } from "#providers/random/random-pet.ts";
import { randomShuffle } from "#providers/random/random-shuffle.ts";
import { machineRandom, type RandomSource } from "#providers/random/random-source.ts";
import { randomString } from "#providers/random/random-string.ts";
import { randomUuid } from "#providers/random/random-uuid.ts";
import { randomUuid4 } from "#providers/random/random-uuid4.ts";
import { randomUuid7 } from "#providers/random/random-uuid7.ts";

/** The resources of `@pulumi/random`, in the version that is installed. */
export function randomPackage(clock: Clock = systemClock): ProviderPackage {
  return {
    name: "random",
    version: sdkVersion("@pulumi/random"),
    open(host) {
      const seedMask = new SeedMask();
      const sourceFor = (seed: string): RandomSource => (seed === "" ? machineRandom : GoRandom.fromText(seed, seedMask));
      const kinds = [
        randomBytes,
        randomId,
        randomInteger(sourceFor),
        randomPassword,
        randomPet,
        randomShuffle(sourceFor),
        randomString,
        randomUuid,
        randomUuid4,
        randomUuid7(clock),
      ];
      return new BridgedProvider({ name: "random", kinds }, host);
    },
  };
}
