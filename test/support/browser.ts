import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sparticuzChromium from '@sparticuz/chromium';
import { chromium, type Browser } from 'playwright-core';

/** A real browser without a window; `close` also removes what it left on the disk. */
export interface TestBrowser {
  readonly browser: Browser;
  close(): Promise<void>;
}

/**
 * Opens the Chromium that comes within the npm package, with its libraries and its font: on Linux with x86-64 it needs the C library
 * (glibc 2.34 or later) and nothing else of the system. On other machines it opens the installed Google Chrome.
 */
export async function openBrowser(): Promise<TestBrowser> {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    const browser = await chromium.launch({ channel: 'chrome' });
    return { browser, close: () => browser.close() };
  }
  // A folder of its own: the package takes any file of the right name in the shared one for a whole browser.
  const folder = await mkdtemp(join(tmpdir(), 'nextpick-browser-'));
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    const executablePath = await unpack(folder);
    const fonts = join(folder, 'fonts.conf');
    await writeFile(fonts, fontConfiguration(folder));
    const browser = await chromium.launch({
      executablePath,
      env: { HOME: folder, TMPDIR: folder, FONTCONFIG_FILE: fonts, LD_LIBRARY_PATH: join(folder, 'al2023', 'lib') },
    });
    return { browser, close: () => browser.close().finally(remove) };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** The package goes by the environment: it unpacks to TMPDIR, and its libraries only where it believes itself on AWS Lambda. */
async function unpack(folder: string): Promise<string> {
  const before = { TMPDIR: process.env.TMPDIR, AWS_EXECUTION_ENV: process.env.AWS_EXECUTION_ENV };
  Object.assign(process.env, { TMPDIR: folder, AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs20.x' });
  try {
    return await sparticuzChromium.executablePath();
  } finally {
    for (const [name, value] of Object.entries(before)) {
      if (value === undefined) Reflect.deleteProperty(process.env, name);
      else process.env[name] = value;
    }
  }
}

/** Only the package's own font, so that a page looks the same on every machine. */
function fontConfiguration(folder: string): string {
  return `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>${join(folder, 'fonts', 'fonts')}</dir><cachedir>${join(folder, 'font-cache')}</cachedir></fontconfig>
`;
}
