/** Shows how long the broker keeps what, and the setting of each period. */
import { countOf } from '../ui/count-of.ts';
import { Fact, Facts } from '../ui/facts.tsx';
import { Page } from '../ui/page.tsx';
import { QueryView } from '../ui/query-view.tsx';
import { useAccount } from './account.ts';

const AUDIT_LOG_DAYS = 400;

export function RetentionSettings() {
  const query = useAccount();
  return (
    <Page
      title="Retention"
      about="An administrator of the server changes these values with the settings of the broker."
    >
      <QueryView query={query}>
        {({ retention: { messageDays, eventDays, toolCallDays, at, ...limits } }) => (
          <Facts>
            <Fact name="Messages and attachments" about={<Setting name="HOMING_RETENTION_DAYS" />}>
              {messageDays === null
                ? 'Kept until you delete them'
                : `Deleted after ${countOf(messageDays, 'day')}`}
            </Fact>
            <Fact name="Time of the deletion" about={<Setting name="HOMING_RETENTION_AT" />}>
              Every night at {at}
            </Fact>
            <Fact name="Events for webhooks and streams">Deleted after {countOf(eventDays, 'day')}</Fact>
            <Fact name="Tool calls of assistants">Deleted after {countOf(toolCallDays, 'day')}</Fact>
            <Fact name="Audit log">Deleted after {countOf(AUDIT_LOG_DAYS, 'day')}</Fact>
            <Fact name="Attachments of the account" about={<Setting name="HOMING_MEDIA_QUOTA_ACCOUNT_MB" />}>
              {limitText(limits.mediaQuotaBytes)}
            </Fact>
            <Fact name="Database" about={<Setting name="HOMING_MAX_DATABASE_MB" />}>
              {limitText(limits.databaseMaxBytes)}
            </Fact>
          </Facts>
        )}
      </QueryView>
    </Page>
  );
}

const BYTES_PER_MEGABYTE = 1024 * 1024;

/** In the unit of the setting. */
function limitText(bytes: number): string {
  return bytes === 0 ? 'No size limit' : `At most ${(bytes / BYTES_PER_MEGABYTE).toLocaleString()} MB`;
}

function Setting({ name }: { name: string }) {
  return (
    <>
      Setting: <code>{name}</code>
    </>
  );
}
