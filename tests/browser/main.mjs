// The payer's pages and the shop's popup in Chromium, against the real binary (TORANA_BIN).
// `CHECKS=popup npm test` runs only the checks with that word in their title. Pictures go to build/screenshots/.
import './checks/checkout.mjs';
import './checks/without-script.mjs';
import './checks/outcomes.mjs';
import './checks/languages.mjs';
import './checks/accessibility.mjs';
import './checks/weight.mjs';
import './checks/popup.mjs';
import './checks/portpos.mjs';
import './checks/upi.mjs';
import './checks/epay.mjs';
import './checks/card.mjs';
import './checks/wallet.mjs';
import { runChecks } from './world/index.mjs';

runChecks();
