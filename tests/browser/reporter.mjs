// The readable reporter of node:test, and a last line that scripts can count by.
import { spec } from 'node:test/reporters';
import { PassThrough } from 'node:stream';

export default async function* report(source) {
  let passed = 0;
  let failed = 0;
  const events = new PassThrough({ objectMode: true });
  const printed = events.pipe(new spec());
  const counting = (async () => {
    for await (const event of source) {
      const isTest = event.data?.details?.type !== 'suite';
      if (event.type === 'test:pass' && isTest) passed += 1;
      if (event.type === 'test:fail' && isTest) failed += 1;
      if (!events.write(event)) await new Promise((drained) => events.once('drain', drained));
    }
    events.end();
  })();
  yield* printed;
  await counting;
  yield `${passed} passed, ${failed} failed\n`;
}
