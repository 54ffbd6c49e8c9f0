import type { Webhook, WebhookDelivery } from '@signalbox/client';
import { IconAlertTriangle, IconBan, IconCheck, IconClock, IconPlayerPause, IconX } from '@tabler/icons-react';
import type { Look } from '../ui/status.ts';

type WebhookState = 'told' | 'failing' | 'off' | 'given_up';

export const WEBHOOK_LOOKS: Readonly<Record<WebhookState, Look>> = {
  told: { label: 'On', tone: 'done', icon: IconCheck },
  failing: { label: 'Failing', tone: 'caution', icon: IconAlertTriangle },
  off: { label: 'Off', tone: 'off', icon: IconPlayerPause },
  given_up: { label: 'Given up', tone: 'danger', icon: IconBan },
};

/** How a webhook stands. `given_up`: it failed for too long, and was switched off for that. */
export function webhookState(webhook: Pick<Webhook, 'enabled' | 'disabledAt' | 'failingSince'>): WebhookState {
  if (!webhook.enabled) return webhook.disabledAt === null ? 'off' : 'given_up';
  return webhook.failingSince === null ? 'told' : 'failing';
}

export const DELIVERY_LOOKS: Readonly<Record<WebhookDelivery['status'], Look>> = {
  pending: { label: 'Waiting', tone: 'live', icon: IconClock },
  delivered: { label: 'Delivered', tone: 'done', icon: IconCheck },
  failed: { label: 'Failed', tone: 'danger', icon: IconX },
};
