import assert from 'node:assert/strict';
import { test } from 'node:test';
import { goods, shipping, total } from '../src/order.mjs';

const order = (...prices) => prices.map((price) => ({ price, quantity: 1 }));

test('goods add up, by quantity', () => {
  assert.equal(goods([{ price: 2, quantity: 3 }, ...order(4)]), 10);
});

test('small orders pay for shipping', () => {
  assert.equal(shipping(order(10)), 4.9);
});

test('an order of exactly 50 is sent free of charge', () => {
  assert.equal(shipping(order(20, 30)), 0);
});

test('the total of a large order is its goods', () => {
  assert.equal(total(order(80)), 80);
});
