import type { Client, CreateWebhook, Webhook, WebhookDelivery } from '@signalbox/client';
import { type Command, Option } from 'commander';
import { action, type Registry } from '../action.ts';
import { duration } from '../arguments.ts';
import { EXIT } from '../exit-codes.ts';
import type { Column } from '../output/table.ts';
import { formatTime } from '../output/time.ts';
import { UsageError } from '../usage-error.ts';
import { type ListOptions, listOptions, listQuery, noteFurtherPages } from './list-options.ts';

const COLUMNS: Column<Webhook>[] = [
  { header: 'ID', value: (webhook) => webhook.id },
  { header: 'URL', value: (webhook) => webhook.url, flexible: true },
  { header: 'EVENTS', value: (webhook) => webhook.events.join(','), flexible: true },
  { header: 'FORMAT', value: (webhook) => webhook.format },
  {
    header: 'STATE',
    value: stateOf,
    colour: (webhook) => (webhook.failingSince !== null ? 'red' : webhook.enabled ? 'green' : 'dim'),
  },
];

const DELIVERY_COLUMNS: Column<WebhookDelivery>[] = [
  { header: 'ID', value: (delivery) => delivery.id },
  { header: 'TYPE', value: (delivery) => delivery.type },
  {
    header: 'STATE',
    value: (delivery) => delivery.status,
    colour: (delivery) => (delivery.status === 'failed' ? 'red' : delivery.status === 'delivered' ? 'green' : 'dim'),
  },
  { header: 'TRIES', value: (delivery) => String(delivery.attempts) },
  { header: 'ANSWER', value: (delivery) => String(delivery.responseStatus ?? '-') },
  { header: 'NEXT', value: (delivery) => formatTime(delivery.nextAttemptAt) },
  { header: 'ERROR', value: (delivery) => delivery.error ?? '', flexible: true },
];

interface AddOptions {
  event?: string[];
  description?: string;
  slack?: boolean;
}

export function registerWebhooks(program: Command, registry: Registry): void {
  const webhooks = program
    .command('webhooks')
    .description('tell the changes of the project to an address (<webhook> is an id, or the address as it is listed)');

  listOptions(webhooks.command('list').description('list the webhooks')).action(
    action<[], ListOptions>(registry, async ({ client, out }, _args, options) => {
      const page = await client.webhooks.list(listQuery(options));
      out.document(page);
      out.table(page.items, COLUMNS, 'There are no webhooks.');
      noteFurtherPages(out, page);
    }),
  );

  webhooks
    .command('add <url>')
    .description('tell changes to this address from now on; its secret is shown once')
    .option('--event <subject>', 'session, session.failed, …; may be repeated; everything without', collect)
    .option('--description <text>', 'what it is for')
    .option('--slack', 'messages for people, as incoming webhooks of Slack take them')
    .action(
      action<[string], AddOptions>(registry, async ({ client, out }, [url], options) => {
        const made = await client.webhooks.create({
          url,
          format: options.slack ? 'slack' : 'standard',
          ...(options.event === undefined ? {} : { events: options.event as CreateWebhook['events'] }),
          ...(options.description === undefined ? {} : { description: options.description }),
        });
        out.document(made);
        out.note(`Added webhook ${made.id}. Messages are signed with this secret, shown this once:`);
        out.line(made.secret ?? '');
      }),
    );

  for (const [verb, enabled] of [
    ['enable', true],
    ['disable', false],
  ] as const) {
    webhooks
      .command(`${verb} <webhook>`)
      .description(enabled ? 'go on where it stopped' : 'send nothing more')
      .action(
        action<[string], object>(registry, async ({ client, out }, [reference]) => {
          const { id, version } = await find(client, reference);
          const webhook = await client.webhooks.update(id, version, { enabled });
          out.document(webhook);
          out.line(`${enabled ? 'Enabled' : 'Disabled'} webhook ${id}.`);
        }),
      );
  }

  webhooks
    .command('remove <webhook>')
    .description('send nothing more, and forget what was sent')
    .action(
      action<[string], object>(registry, async ({ client, out }, [reference]) => {
        const { id, version } = await find(client, reference);
        await client.webhooks.delete(id, version);
        out.document({ id, deleted: true });
        out.line(`Removed webhook ${id}.`);
      }),
    );

  webhooks
    .command('rotate <webhook>')
    .description('a new secret, shown once; the old one signs as well for a while')
    .option('--grace <duration>', 'how long: 90s, 45m, 12h; a day without', duration)
    .action(
      action<[string], { grace?: number }>(registry, async ({ client, out }, [reference], { grace }) => {
        const { id, version } = await find(client, reference);
        const rotated = await client.webhooks.rotateSecret(
          id,
          version,
          grace === undefined ? {} : { graceSeconds: grace },
        );
        out.document(rotated);
        out.note(
          `The secret before is valid until ${formatTime(rotated.previousUntil)}. The new one, shown this once:`,
        );
        out.line(rotated.secret ?? '');
      }),
    );

  webhooks
    .command('test <webhook>')
    .description('send a test now and say what came of it')
    .action(
      action<[string], object>(registry, async ({ client, out }, [reference]) => {
        const delivery = await client.webhooks.test((await find(client, reference)).id);
        out.document(delivery);
        if (delivery.error !== null) registry.exitWith(EXIT.failure);
        out.line(
          delivery.error === null
            ? `Delivered: it answered ${delivery.responseStatus} after ${delivery.latencyMs} ms.`
            : `Failed: ${delivery.error}.`,
        );
      }),
    );

  listOptions(webhooks.command('deliveries <webhook>').description('what was sent, newest first'))
    .addOption(new Option('--status <status>', 'only these').choices(['pending', 'delivered', 'failed']))
    .action(
      action<[string], ListOptions & { status?: string }>(registry, async ({ client, out }, [reference], options) => {
        const { id } = await find(client, reference);
        const query = { ...listQuery(options), ...(options.status === undefined ? {} : { status: options.status }) };
        const page = await client.webhooks.deliveries(id, query);
        out.document(page);
        out.table(page.items, DELIVERY_COLUMNS, 'Nothing was sent yet.');
        noteFurtherPages(out, page);
      }),
    );

  webhooks
    .command('redrive <webhook> <delivery>')
    .description('send a message again')
    .action(
      action<[string, string], object>(registry, async ({ client, out }, [reference, deliveryId]) => {
        const delivery = await client.webhooks.redrive((await find(client, reference)).id, deliveryId);
        out.document(delivery);
        out.line(`Message ${deliveryId} is sent again.`);
      }),
    );
}

function collect(subject: string, before: string[] = []): string[] {
  return [...before, subject];
}

function stateOf({ enabled, failingSince, disabledReason }: Webhook): string {
  if (!enabled) return disabledReason === null ? 'disabled' : `disabled: ${disabledReason}`;
  return failingSince === null ? 'enabled' : `failing since ${formatTime(failingSince)}`;
}

/** By id, or by address. */
async function find(client: Client, reference: string): Promise<Webhook> {
  for (let page = 1; ; page++) {
    const { items, total, pageSize } = await client.webhooks.list({ page, pageSize: 100 });
    const found = items.find(({ id, url }) => id === reference || url === reference);
    if (found) return found;
    if (page * pageSize >= total) throw new UsageError(`There is no webhook "${reference}".`);
  }
}
