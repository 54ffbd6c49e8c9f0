export function bundleProgram(options: {
  entry: string;
  folder: string;
  conditions?: readonly string[];
}): Promise<void>;
