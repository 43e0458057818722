// The real binary on an empty directory and a free port.
import { execFile, spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const HERE = fileURLToPath(new URL('..', import.meta.url));
const BINARY = process.env.TORANA_BIN || join(HERE, '../../target/debug/torana');
export const BUILD = join(HERE, '../../build');

// What a run may not inherit, and what it needs: every payer here has the same address.
function environment() {
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith('TORANA_'));
  return { ...Object.fromEntries(kept), TORANA_RATE_LIMITS_MISSES_PER_MINUTE: '100000', TORANA_LOG: 'info' };
}

export class Server {
  static async start() {
    const server = new Server();
    server.dir = await mkdtemp(join(tmpdir(), 'torana-browser-'));
    await mkdir(BUILD, { recursive: true });
    server.log = createWriteStream(join(BUILD, 'browser-server.log'));
    const args = ['serve', '--listen', '127.0.0.1:0', '--data-dir', server.dir, '--log-format', 'json'];
    server.process = spawn(BINARY, args, { env: environment(), stdio: ['ignore', 'ignore', 'pipe'] });
    server.exited = new Promise((done) => server.process.once('exit', done));
    server.url = `http://${await server.#listening()}`;
    return server;
  }

  #listening() {
    return new Promise((found, failed) => {
      this.process.once('error', failed);
      this.process.once('exit', (code) => failed(new Error(`torana ended with ${code}; see build/browser-server.log`)));
      createInterface({ input: this.process.stderr }).on('line', (line) => {
        this.log.write(line + '\n');
        const address = /"listening":"([^"]+)"/.exec(line);
        if (address) found(address[1]);
      });
    });
  }

  /** A new brand; its credentials. */
  async brand(name, mode = 'test') {
    return JSON.parse(await this.run('brand', 'create', '--name', name, '--mode', mode, '--json'));
  }

  /** Runs another command of the binary on the same data; what it prints. */
  async run(...args) {
    const { stdout } = await promisify(execFile)(BINARY, [...args, '--data-dir', this.dir], { env: environment() });
    return stdout;
  }

  async stop() {
    this.process.kill('SIGTERM');
    await this.exited;
    this.log.end();
    await rm(this.dir, { recursive: true, force: true });
  }
}
