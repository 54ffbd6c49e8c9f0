const SHIPPING = 4.9;
const FREE_FROM = 50;

/** What the goods of an order cost. */
export function goods(items) {
  return items.reduce((sum, item) => sum + item.price * item.quantity, 0);
}

/** What sending an order costs. */
export function shipping(items) {
  return goods(items) > FREE_FROM ? 0 : SHIPPING;
}

/** What the customer pays. */
export function total(items) {
  return goods(items) + shipping(items);
}
