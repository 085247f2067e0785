// Takes the lock of shop/dev in the state folder given, says so to its parent and holds it until it is told to release it.
import { systemClock } from "#core/clock.ts";
import { StackLock } from "#engine/backend/stack-lock.ts";
import { StateFiles } from "#engine/backend/state-files.ts";

const lock = await StackLock.acquire(new StateFiles(process.argv[2]!), { project: "shop", stack: "dev" }, systemClock);
process.send?.("locked");
process.once("message", () => {
  void lock.release().then(() => process.disconnect());
});
