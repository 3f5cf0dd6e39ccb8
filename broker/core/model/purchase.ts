/** A number that is being bought, from before the provider is asked until it is connected. */
export interface Purchase {
  id: string;
  tenantId: number;
  provider: string;
  phoneNumber: string;
  label: string;
  inboundWebhookUrl: string | null;
  state: 'started' | 'bought' | 'done' | 'failed';
  numberId: string | null;
  providerRef: string | null;
  createdAt: number;
  updatedAt: number;
}
