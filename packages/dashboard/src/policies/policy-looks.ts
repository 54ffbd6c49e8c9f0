import { IconBan, IconCheck, IconHandStop } from '@tabler/icons-react';
import type { Look } from '../ui/status.ts';

/** What policies say of a call, as it is shown. */
export const EFFECT_LOOKS: Readonly<Record<'allow' | 'deny' | 'require_approval', Look>> = {
  allow: { label: 'Allowed', tone: 'done', icon: IconCheck },
  require_approval: { label: 'Held', tone: 'caution', icon: IconHandStop },
  deny: { label: 'Refused', tone: 'danger', icon: IconBan },
};
