import { describeOperations } from "#test/operations/operations-suite.ts";
import { embeddedPlaces } from "#test/operations/test-place.ts";

describeOperations("the embedded database", embeddedPlaces);
