export default function InboxPage() {
  return <p>Inbox</p>;
}
