/** Shows what a developer needs: API keys, webhooks, the event stream, the calls of assistants, and links. */
import { Redirect, Route, Switch } from 'wouter';
import { Page } from '../ui/page.tsx';
import { SubNavigation } from '../ui/sub-navigation.tsx';
import { EventStream } from './events/event-stream.tsx';
import { KeyList } from './keys/key-list.tsx';
import { Links } from './links.tsx';
import { ToolCalls } from './tool-calls.tsx';
import { DeliveryDetails } from './webhooks/delivery-details.tsx';
import { WebhookDetails } from './webhooks/webhook-details.tsx';
import { WebhookList } from './webhooks/webhook-list.tsx';

const PARTS = [
  { path: '/keys', name: 'API keys' },
  { path: '/webhooks', name: 'Webhooks' },
  { path: '/events', name: 'Event stream' },
  { path: '/tool-calls', name: 'MCP calls' },
  { path: '/links', name: 'Links' },
];

export default function DevelopersPage() {
  return (
    <Page title="Developers" toolbar={<SubNavigation label="Parts of Developers" parts={PARTS} />}>
      <Switch>
        <Route path="/keys">
          <KeyList />
        </Route>
        <Route path="/webhooks">
          <WebhookList />
        </Route>
        <Route path="/webhooks/:id">{({ id }) => <WebhookDetails key={id} id={id} />}</Route>
        <Route path="/webhooks/:id/:delivery">
          {({ id, delivery }) => <DeliveryDetails webhookId={id} id={delivery} />}
        </Route>
        <Route path="/events">
          <EventStream />
        </Route>
        <Route path="/tool-calls">
          <ToolCalls />
        </Route>
        <Route path="/links">
          <Links />
        </Route>
        <Route>
          <Redirect to="/keys" replace />
        </Route>
      </Switch>
    </Page>
  );
}
