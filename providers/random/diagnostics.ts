/** What upstream tells people to do about an error that it can't explain. */
export const retryAdvice =
  "Retry the Terraform operation. If the error still occurs or happens regularly, please contact the provider developer with hardware and operating system information.\n\n";
