/** Label, with the value "true", of everything in a sandbox that stands for something that isn't there. */
export const simulatedLabel = "strata.dev/simulated";

/** What a sandbox only pretends; everything else is what any cluster's API server would do. */
export const simulatedInSandbox: readonly string[] = [
  "Nodes are simulated: pods are scheduled and become Ready, but no container runs.",
  "A Job's pods succeed after one second, whatever their command is.",
  "Volumes are simulated: claims bind, but nothing is stored.",
  "Addresses of load balancers and Ingresses come from documentation ranges: nothing answers at them.",
];
