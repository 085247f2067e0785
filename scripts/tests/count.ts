/** The results of one check or suite. */
export interface Count {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** The part of vitest's JSON report that is read here. */
interface Report {
  readonly numPassedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly testResults: readonly {
    readonly status: string;
    readonly assertionResults: readonly { readonly status: string }[];
  }[];
}

/**
 * Counts what a suite's report says. A file that failed without a failed test (it couldn't be imported, one of its hooks failed) is one failure. A suite that
 * ended badly is at least one failure, whatever it reported, also when it left no report (`undefined`) or a broken one.
 */
export function countReport(text: string | undefined, endedWell: boolean): Count {
  const report = parse(text);
  if (!report) return { passed: 0, failed: 1, skipped: 0 };
  const failures = report.testResults.map(({ status, assertionResults }) => {
    const tests = assertionResults.filter((test) => test.status === "failed").length;
    return tests || (status === "failed" ? 1 : 0);
  });
  const failed = failures.reduce((sum, one) => sum + one, 0);
  return { passed: report.numPassedTests, failed: failed || (endedWell ? 0 : 1), skipped: report.numPendingTests + report.numTodoTests };
}

function parse(text: string | undefined): Report | undefined {
  try {
    return text === undefined ? undefined : (JSON.parse(text) as Report);
  } catch {
    return undefined;
  }
}
