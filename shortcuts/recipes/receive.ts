/**
 * Homing Receive: sends the sender, the recipients and the text of a message to the broker. The automation "When I get
 * a message" runs it. iOS provides no message id and does not repeat an automation, so a failed request loses the
 * message. The recipients tell a group from a direct message.
 */
import { type Edition, SHORTCUT_NAMES } from '../../shared/shortcut-editions.ts';
import { contains, hasNoValue, type Recipe, writeRecipe } from '../format/recipe.ts';
import { messageContains } from '../format/triggers.ts';
import { asText, inputMessage, propertyOf, shortcutInput, text } from '../format/values.ts';
import { type Connection, connectToBroker } from './broker.ts';

/**
 * The triggers need a text, and respect upper and lower case. A space matches texts of several words, but whether iOS
 * accepts it alone is unproven; the letters match most texts of one word, among them STOP and START. The broker stores a
 * text once that several triggers report. More letters would run the shortcut more often for each text.
 */
const FILTERS = [' ', 'a', 'e', 'o', 'A', 'E', 'O'];

export function receiveRecipe(connection: Connection = {}, edition: Edition = 'ios-16'): Recipe {
  const name = SHORTCUT_NAMES.receive;
  const about = {
    name,
    icon: { color: 4282601983, glyph: 59511 },
    accepts: ['WFStringContentItem', 'WFMessageContentItem'],
    triggers: edition === 'ios-27' ? FILTERS.map(messageContains) : [],
  };
  return writeRecipe(about, (steps) => {
    const broker = connectToBroker(steps, connection);
    steps.when(hasNoValue(shortcutInput), () => {
      steps.notification({
        title: name,
        body: 'This shortcut is run by the automation "When I get a message", which passes the message to it.',
      });
      steps.stop();
    });
    const sender = asText(propertyOf(inputMessage, 'Sender'));
    const response = broker.post(broker.address('/inbound'), {
      from: text`${sender}`,
      recipients: text`${asText(propertyOf(inputMessage, 'Recipients'))}`,
      text: text`${asText(propertyOf(inputMessage, 'Content'))}`,
    });
    steps.when(
      contains(steps.getText('result', response), 'ok'),
      () => steps.comment('The broker has the message.'),
      () =>
        steps.notification({
          title: name,
          body: text`The broker did not accept a message from ${sender}. ${steps.getValue('message', response)} Run Homing Check for details.`,
        }),
    );
  });
}
