// A brand as its shop, its phone and its tester see it.
import assert from 'node:assert/strict';
import { createHash, createHmac, randomUUID } from 'node:crypto';

import { bkash } from './sms.mjs';

export class Shop {
  constructor(server, merchant, credentials, name) {
    Object.assign(this, { server, merchant, credentials, name, balance: 2000 });
  }

  /** A new payment over so many taka. */
  async create(amount) {
    const order = {
      fullname: 'John Doe',
      email: 'john@example.com',
      amount,
      success_url: `${this.merchant.url}/success`,
      cancel_url: `${this.merchant.url}/cancel`,
      webhook_url: `http://127.0.0.1:${this.merchant.port}/webhook`,
    };
    const headers = { 'x-api-key': this.credentials.rupantorpay.api_key, 'content-type': 'application/json' };
    const answer = await this.#post('/api/payment/checkout', headers, JSON.stringify(order));
    assert.ok(answer.payment_url, `no payment: ${JSON.stringify(answer)}`);
    const id = answer.payment_url.split('/').pop();
    return { id, amount, url: answer.payment_url, invoice: answer.transaction_id, page: `${this.server.url}/checkout/${id}` };
  }

  /** A call of PortPos's version 1. */
  async portpos(call, fields) {
    const keys = this.credentials.portpos;
    const timestamp = String(Math.floor(Date.now() / 1000));
    const token = createHash('md5').update(keys.secret_key + timestamp).digest('hex');
    const form = new URLSearchParams({ app_key: keys.app_key, timestamp, token, call, ...fields });
    return this.#post('/api/v1/', {}, form);
  }

  /** A new PortPos invoice over so many taka, and the link that its merchants build. */
  async invoice(amount) {
    const answer = await this.portpos('gen_invoice', {
      amount,
      currency: 'BDT',
      product_name: 'Polo T-shirt',
      product_description: '1x <b>Polo</b> T-shirt',
      name: 'Robbie Amell',
      email: 'robbie@example.com',
      phone: '+880123456789',
      address: 'House 1, Road1, Gulshan 1',
      city: 'Dhaka',
      state: 'Dhaka',
      zipcode: '1212',
      country: 'BD',
      redirect_url: `${this.merchant.url}/success?order_id=7`,
    });
    assert.equal(answer.status, 200, JSON.stringify(answer));
    const invoice = answer.data.invoice_id;
    return { id: invoice, amount, invoice, url: `${this.server.url}/payment/?invoice=${invoice}` };
  }

  /** A request of Fiserv's API, signed. */
  async ipg(method, path, body) {
    const keys = this.credentials.fiserv_ipg;
    const [id, timestamp, text] = [randomUUID(), String(Date.now()), JSON.stringify(body)];
    const signature = createHmac('sha256', keys.api_secret).update(keys.api_key + id + timestamp + text).digest('base64');
    const headers = {
      'content-type': 'application/json', 'api-key': keys.api_key, 'client-request-id': id, timestamp, 'message-signature': signature,
    };
    const answer = await fetch(`${this.server.url}/ipp/payments-gateway/v2${path}`, { method, headers, body: text });
    return answer.json();
  }

  /** The holder of a card is to be asked, and comes back to the shop. */
  payerAuth(number, total) {
    return this.ipg('POST', '/payments', {
      requestType: 'PaymentCardPayerAuthTransaction',
      storeId: this.credentials.fiserv_ipg.store_id,
      transactionAmount: { total, currency: 'INR' },
      paymentMethod: { paymentCard: { number, securityCode: '111', expiryDate: { month: '12', year: '49' } } },
      authenticationRequest: {
        authenticationType: 'RupayAuthenticationRequest',
        termURL: `${this.merchant.url}/success`,
        cardHolderBrowserParams: {
          browserAcceptHeaders: 'text/html', browserIP: '192.0.2.1', browserLanguage: 'en', browserUserAgent: 'Mozilla/5.0',
        },
      },
    });
  }

  /** Takes the money upon that. */
  sale(begun, total) {
    return this.ipg('POST', '/payments', {
      requestType: 'PaymentCardSaleTransaction',
      transactionAmount: { total, currency: 'INR' },
      order: { orderId: begun.orderId },
      ipgTransactionId: begun.ipgTransactionId,
    });
  }

  /** A new Rumbapay payment over so many rupees, for the hosted page. */
  rumbapay(amount) {
    const customer = {
      identifier: '12345',
      email: 'user@example.com',
      phone: '913324627351',
      first_name: 'Darth',
      last_name: 'Vader',
      country: 'IN',
      city: 'Hansi',
      address: 'Shri Syam Mandir Near',
      state_code: '12',
      zip_code: '125042',
    };
    return this.#rumbapay({ widget: { method: 'upi', locale: 'en' }, currency: 'INR', amount, customer });
  }

  /** The same over so many euro, for ePay.bg. */
  rumbapayAtEpay(amount) {
    const customer = { identifier: '1111', email: 'ivan@example.com', first_name: 'Ivan', last_name: 'Petrov', country: 'BG' };
    return this.#rumbapay({ widget: { method: 'epay', locale: 'en' }, currency: 'EUR', amount, customer });
  }

  async #rumbapay(order) {
    const { login, key, password } = this.credentials.rumbapay;
    const body = JSON.stringify({
      ...order,
      reference: `order-${order.amount}`,
      description: 'My order',
      redirect_url: `${this.merchant.url}/success`,
    });
    const hmac = (secret, text) => createHmac('sha256', secret).update(text).digest('hex');
    const headers = { 'access-token': hmac(key, login), signature: hmac(password, login + body) };
    const answer = await this.#post('/v1/payment', headers, body);
    return { id: answer.request_id, amount: order.amount, url: answer.challenge.challenge_redirect.url };
  }

  /** A bKash message over so many taka that the phone has not heard yet. */
  sms(taka) {
    return bkash(taka);
  }

  /** The shop's phone hears a message. */
  async hears(sms) {
    this.balance += sms.taka;
    const device = this.credentials.device;
    const form = new URLSearchParams({
      user_email: device.email,
      device_key: device.device_key,
      address: sms.sender,
      message: sms.body(this.balance),
    });
    const answer = await this.#post('/api/add-data', {}, form);
    assert.equal(answer.status, 1, JSON.stringify(answer));
  }

  /** Makes an outcome happen to a payment. */
  async simulate(payment, outcome, more = {}) {
    return this.#post('/sandbox/simulate', this.#token(), JSON.stringify({ payment: payment.id, outcome, ...more }));
  }

  /** Moves the brand's clock. */
  async advance(seconds) {
    return this.#post('/sandbox/clock', this.#token(), JSON.stringify({ advance_s: seconds }));
  }

  #token() {
    return { authorization: `Bearer ${this.credentials.sandbox.token}` };
  }

  async #post(path, headers, body) {
    const response = await fetch(this.server.url + path, { method: 'POST', headers, body });
    const text = await response.text();
    assert.equal(response.status, 200, `${path}: ${text}`);
    return JSON.parse(text);
  }
}
