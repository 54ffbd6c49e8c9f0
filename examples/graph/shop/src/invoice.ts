import { rate } from './tax.ts';

export class Invoice {
  readonly prices: number[] = [];

  total(country: string): number {
    const net = this.prices.reduce((sum, price) => sum + price, 0);
    return net * (1 + rate(country));
  }
}

export function printed(invoice: Invoice): string {
  return `To pay: ${invoice.total('DE')}`;
}
