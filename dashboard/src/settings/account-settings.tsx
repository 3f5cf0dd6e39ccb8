/** Shows the account with the limits of its plan, and its usage in a month. */
import { Progress, Select } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useSearchParams } from 'wouter';
import type { Account, Usage } from '../api/types.ts';
import { useSession } from '../session/session.tsx';
import { useEnvironment, useTenantRequest } from '../shell/environment.tsx';
import { Fact, Facts } from '../ui/facts.tsx';
import { formatBytes } from '../ui/format-bytes.ts';
import { Page, Section } from '../ui/page.tsx';
import { QueryView } from '../ui/query-view.tsx';
import { Time } from '../ui/time.tsx';
import { useAccount } from './account.ts';
import { ROLE_NAMES } from './roles.ts';
import styles from './settings.module.css';

const REFETCH_MS = 30_000;
const MONTHS = 12;
const monthName = new Intl.DateTimeFormat(undefined, { month: 'long', year: 'numeric', timeZone: 'UTC' });

export function AccountSettings() {
  const { member } = useSession();
  const account = useAccount();
  return (
    <Page title="Account">
      <QueryView query={account}>
        {({ slug, createdAt, plan, retention }) => (
          <>
            <Facts>
              <Fact name="Account">{slug}</Fact>
              <Fact name="Created">
                <Time at={createdAt} form="exact" />
              </Fact>
              <Fact name="You">
                {member.name}, {member.email} ({ROLE_NAMES[member.role].toLowerCase()})
              </Fact>
              <Fact name="Plan">{plan.name}</Fact>
              <Fact name="Messages per minute">{plan.messagesPerMinute.toLocaleString()}</Fact>
              <Fact name="API requests per minute">{plan.apiRequestsPerMinute.toLocaleString()}</Fact>
              <Fact name="Attachments">{plan.media ? 'Included' : 'Not in this plan'}</Fact>
            </Facts>
            <MonthSection plan={plan} mediaQuotaBytes={retention.mediaQuotaBytes} />
          </>
        )}
      </QueryView>
    </Page>
  );
}

function MonthSection({ plan, mediaQuotaBytes }: { plan: Account['plan']; mediaQuotaBytes: number }) {
  const environment = useEnvironment();
  const send = useTenantRequest();
  const [params, setParams] = useSearchParams();
  const months = lastMonths(Date.now());
  const asked = params.get('month');
  const month = months.find(({ value }) => value === asked)?.value ?? months[0]?.value ?? '';
  const query = useQuery({
    queryKey: [environment, 'month-usage', month],
    queryFn: ({ signal }) => send<Usage>('GET', '/usage', { query: { month }, signal }),
    refetchInterval: REFETCH_MS,
    placeholderData: (previous) => previous,
  });
  return (
    <Section
      title="Usage"
      about="Months are in UTC."
      actions={
        <Select
          w={190}
          aria-label="Month"
          allowDeselect={false}
          data={months}
          value={month}
          onChange={(value) => setParams(value === null ? {} : { month: value }, { replace: true })}
        />
      }
    >
      <QueryView query={query}>
        {({ messages, accepted, segments, costCents, committedCents, limitCents, numbers, mediaBytes }) => (
          <Facts>
            <Used name="Messages accepted" used={accepted} limit={plan.messagesPerMonth}>
              {accepted.toLocaleString()}
            </Used>
            <Fact name="Messages by status">
              {messages.delivered.toLocaleString()} delivered, {messages.sent.toLocaleString()} sent,{' '}
              {messages.failed.toLocaleString()} failed, {messages.queued.toLocaleString()} queued
            </Fact>
            <Fact name="Segments" about="An SMS consists of segments of 153 or 67 characters.">
              {segments.toLocaleString()}
            </Fact>
            <Used
              name="Spend"
              used={committedCents}
              limit={limitCents}
              format={dollars}
              about="SMS and WhatsApp of a provider. Messages of your own devices cost nothing here."
            >
              {dollars(costCents)}
            </Used>
            <Used name="Numbers" used={numbers} limit={plan.numbers}>
              {numbers.toLocaleString()}
            </Used>
            <Used
              name="Stored attachments"
              used={mediaBytes}
              limit={mediaQuotaBytes === 0 ? null : mediaQuotaBytes}
              format={formatBytes}
            >
              {formatBytes(mediaBytes)}
            </Used>
          </Facts>
        )}
      </QueryView>
    </Section>
  );
}

function Used({
  name,
  used,
  limit,
  about,
  format = (value) => value.toLocaleString(),
  children,
}: {
  name: string;
  used: number;
  limit: number | null;
  about?: ReactNode;
  format?: (value: number) => string;
  children: ReactNode;
}) {
  const share = limit === null || limit === 0 ? 0 : Math.min(100, (used / limit) * 100);
  return (
    <Fact name={name} about={about}>
      {children} {limit === null ? <span className={styles.meta}>(no limit)</span> : `of ${format(limit)}`}
      {limit !== null && (
        <Progress
          className={styles.meter}
          size={6}
          value={share}
          color={share >= 100 ? 'red' : share >= 80 ? 'yellow' : 'blue'}
          aria-label={`${name}: ${Math.round(share)} % of the limit`}
        />
      )}
    </Fact>
  );
}

const dollars = (cents: number) => `${(cents / 100).toFixed(2)} USD`;

function lastMonths(now: number): Array<{ value: string; label: string }> {
  const date = new Date(now);
  return Array.from({ length: MONTHS }, (_, back) => {
    const at = Date.UTC(date.getUTCFullYear(), date.getUTCMonth() - back, 1);
    return { value: new Date(at).toISOString().slice(0, 7), label: monthName.format(at) };
  });
}
