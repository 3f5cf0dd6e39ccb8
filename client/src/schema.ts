// Made by `npm run client` from the OpenAPI document. Change the operations, not this file.

export interface paths {
    "/v1/messages/send": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Send a message
         * @description Needs a key with the permission `messages:send`.
         */
        post: operations["texting_blue_sendMessage"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/messages": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List messages, newest first
         * @description Needs a key with the permission `messages:read`.
         */
        get: operations["texting_blue_listMessages"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/messages/scheduled": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List what is to be sent later, the next one first
         * @description Needs a key with the permission `messages:read`.
         */
        get: operations["texting_blue_listScheduledMessages"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/messages/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get one message
         * @description Needs a key with the permission `messages:read`.
         */
        get: operations["texting_blue_getMessage"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/messages/{id}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Cancel a message that was not sent yet
         * @description Needs a key with the permission `messages:send`.
         */
        post: operations["texting_blue_cancelMessage"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/numbers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List your numbers
         * @description Needs a key with the permission `numbers:read`.
         */
        get: operations["texting_blue_listNumbers"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/numbers/verify": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Register a number and get the link that sets its iPhone or Mac up
         * @description Needs a key with the permission `numbers:write`.
         */
        post: operations["texting_blue_verifyNumber"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/numbers/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Change a number; its name, whether it is paused, how fast it sends
         * @description Needs a key with the permission `numbers:write`.
         */
        put: operations["texting_blue_updateNumber"];
        post?: never;
        /**
         * Remove a number; its messages stay readable
         * @description Needs a key with the permission `numbers:write`.
         */
        delete: operations["texting_blue_deleteNumber"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/numbers/{id}/usage": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get what a number has used of its limits, and when it may go on
         * @description Needs a key with the permission `numbers:read`.
         */
        get: operations["texting_blue_getNumberUsage"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/webhooks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List your webhooks, oldest first
         * @description Needs a key with the permission `webhooks:manage`.
         */
        get: operations["texting_blue_listWebhooks"];
        put?: never;
        /**
         * Add a webhook; its secret is shown this once
         * @description Needs a key with the permission `webhooks:manage`.
         */
        post: operations["texting_blue_createWebhook"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/webhooks/callback-secret": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get what the posts to status_callback are signed with
         * @description Needs a key with the permission `webhooks:manage`.
         */
        get: operations["texting_blue_getCallbackSecret"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/webhooks/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get one webhook
         * @description Needs a key with the permission `webhooks:manage`.
         */
        get: operations["texting_blue_getWebhook"];
        /**
         * Change a webhook, or turn it off and on again
         * @description Needs a key with the permission `webhooks:manage`.
         */
        put: operations["texting_blue_updateWebhook"];
        post?: never;
        /**
         * Remove a webhook and what was still to be delivered to it
         * @description Needs a key with the permission `webhooks:manage`.
         */
        delete: operations["texting_blue_deleteWebhook"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/webhooks/{id}/rotate-secret": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Give a webhook a new secret; the old one signs as well for some hours
         * @description Needs a key with the permission `webhooks:manage`.
         */
        post: operations["texting_blue_rotateWebhookSecret"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/webhooks/{id}/test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Send a made-up message.received to a webhook
         * @description Needs a key with the permission `webhooks:manage`.
         */
        post: operations["texting_blue_testWebhook"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/webhooks/{id}/deliveries": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List what was or will be delivered to a webhook with every attempt, newest first
         * @description Needs a key with the permission `webhooks:manage`.
         */
        get: operations["texting_blue_listDeliveries"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/webhooks/{id}/replay": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Have events delivered once more; one, or everything that happened in a while
         * @description Needs a key with the permission `webhooks:manage`.
         */
        post: operations["texting_blue_replayEvents"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get events as they happen, as server-sent events
         * @description Needs a key with the permission `messages:read`.
         */
        get: operations["texting_blue_streamEvents"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/health": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whether the API is up */
        get: operations["textree_health"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/messages": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Send a message from the account’s default number
         * @description Needs a key with the permission `messages:write`.
         */
        post: operations["textree_sendMessage"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/messages/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get one message
         * @description Needs a key with the permission `messages:read`.
         */
        get: operations["textree_getMessage"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/numbers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List your numbers
         * @description Needs a key with the permission `numbers:read`.
         */
        get: operations["textree_listNumbers"];
        put?: never;
        /**
         * Buy a number from the messaging provider
         * @description Needs a key with the permission `numbers:write`.
         */
        post: operations["textree_buyNumber"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/contacts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List contacts, oldest first
         * @description Needs a key with the permission `messages:read`.
         */
        get: operations["textree_listContacts"];
        put?: never;
        /**
         * Add a contact
         * @description Needs a key with the permission `messages:write`.
         */
        post: operations["textree_createContact"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/contacts/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get one contact
         * @description Needs a key with the permission `messages:read`.
         */
        get: operations["textree_getContact"];
        put?: never;
        post?: never;
        /**
         * Remove a contact; its messages stay, and so does its opt-out
         * @description Needs a key with the permission `messages:write`.
         */
        delete: operations["textree_deleteContact"];
        options?: never;
        head?: never;
        /**
         * Change a contact; what is not named stays
         * @description Needs a key with the permission `messages:write`.
         */
        patch: operations["textree_updateContact"];
        trace?: never;
    };
    "/api/v1/webhooks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List your webhooks, oldest first
         * @description Needs a key with the permission `webhooks:manage`.
         */
        get: operations["textree_listWebhooks"];
        put?: never;
        /**
         * Add a webhook. Its secret is shown this once
         * @description Needs a key with the permission `webhooks:manage`.
         */
        post: operations["textree_createWebhook"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/webhooks/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Remove a webhook and what was still to be delivered to it
         * @description Needs a key with the permission `webhooks:manage`.
         */
        delete: operations["textree_deleteWebhook"];
        options?: never;
        head?: never;
        /**
         * Change a webhook, or turn it off and on
         * @description Needs a key with the permission `webhooks:manage`.
         */
        patch: operations["textree_updateWebhook"];
        trace?: never;
    };
    "/api/v1/webhooks/{id}/deliveries": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List what was or will be delivered to a webhook, newest first
         * @description Needs a key with the permission `webhooks:manage`.
         */
        get: operations["textree_listDeliveries"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/webhooks/{id}/replay": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Have an event delivered once more
         * @description Needs a key with the permission `webhooks:manage`.
         */
        post: operations["textree_replayEvent"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/billing/usage": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What a month’s messages have come to; this month’s unless another is named
         * @description Needs a key with the permission `messages:read`.
         */
        get: operations["textree_getUsage"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/billing/spend-limit": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * How much a month may cost
         * @description Needs a key with the permission `messages:read`.
         */
        get: operations["textree_getSpendLimit"];
        /**
         * Set how much a month may cost, or null for no limit
         * @description Needs a key with the permission `numbers:write`.
         */
        put: operations["textree_setSpendLimit"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/mcp/health": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whether the tools are there */
        get: operations["mcp_health"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/mcp/tools": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the tools
         * @description Needs a key with the permission `mcp:read`.
         */
        get: operations["mcp_listTools"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/mcp/tools/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Run a tool; each run is kept in the audit log
         * @description Needs a key with the permission `mcp:execute`.
         */
        post: operations["mcp_runTool"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/mcp": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Send a message of the Model Context Protocol; calling a tool needs `mcp:execute` instead
         * @description Needs a key with the permission `mcp:read`.
         */
        post: operations["mcp_postMessage"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/phone/numbers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List your numbers
         * @description Needs a key with the permission `messages:read`.
         */
        get: operations["inkbox_listNumbers"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/phone/numbers/{id}/texts/conversations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the conversations of a number, the one with the newest text first
         * @description Needs a key with the permission `messages:read`.
         */
        get: operations["inkbox_listConversations"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/phone/numbers/{id}/texts/conversations/{remote_number}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List every text with somebody, newest first
         * @description Needs a key with the permission `messages:read`.
         */
        get: operations["inkbox_getConversation"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /**
         * Mark every text that came from somebody as read or unread
         * @description Needs a key with the permission `messages:read`.
         */
        patch: operations["inkbox_updateConversation"];
        trace?: never;
    };
    "/api/v1/phone/numbers/{id}/texts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the texts of a number, newest first
         * @description Needs a key with the permission `messages:read`.
         */
        get: operations["inkbox_listTexts"];
        put?: never;
        /**
         * Send a text from a number
         * @description Needs a key with the permission `messages:send`.
         */
        post: operations["inkbox_sendText"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/phone/numbers/{id}/texts/search": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Find texts by their words, the best match first
         * @description Needs a key with the permission `messages:read`.
         */
        get: operations["inkbox_searchTexts"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/phone/numbers/{id}/texts/{text_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get one text
         * @description Needs a key with the permission `messages:read`.
         */
        get: operations["inkbox_getText"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /**
         * Mark a text as read or unread, or take it out of the inbox
         * @description Needs a key with the permission `messages:read`.
         */
        patch: operations["inkbox_updateText"];
        trace?: never;
    };
    "/messages": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Send a message; `from` says from which number
         * @description Needs a key with the permission `messages:send`.
         */
        post: operations["textus_sendMessage"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/{account}/messages": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Send a message from the account's number
         * @description Needs a key with the permission `messages:send`.
         */
        post: operations["textus_sendAccountMessage"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/messages/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get a message
         * @description Needs a key with the permission `messages:read`.
         */
        get: operations["textus_getMessage"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/messages/{id}/attachments": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List a message's attachments
         * @description Needs a key with the permission `messages:read`.
         */
        get: operations["textus_listAttachments"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/attachments/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get an attachment, with a link to its file that works for an hour
         * @description Needs a key with the permission `messages:read`.
         */
        get: operations["textus_getAttachment"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/{account}/conversations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List conversations, the newest activity first
         * @description Needs a key with the permission `messages:read`.
         */
        get: operations["textus_listConversations"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/conversations/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get a conversation
         * @description Needs a key with the permission `messages:read`.
         */
        get: operations["textus_getConversation"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/conversations/{id}/messages": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List a conversation's messages, newest first
         * @description Needs a key with the permission `messages:read`.
         */
        get: operations["textus_listConversationMessages"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/{account}/contacts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List contacts, oldest first
         * @description Needs a key with the permission `messages:read`.
         */
        get: operations["textus_listContacts"];
        put?: never;
        /**
         * Add a contact
         * @description Needs a key with the permission `messages:send`.
         */
        post: operations["textus_createContact"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/contacts/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get a contact
         * @description Needs a key with the permission `messages:read`.
         */
        get: operations["textus_getContact"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /**
         * Change a contact; a custom field that is set to null goes away
         * @description Needs a key with the permission `messages:send`.
         */
        patch: operations["textus_updateContact"];
        trace?: never;
    };
    "/{account}/users": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the people of the account
         * @description Needs a key with the permission `messages:read`.
         */
        get: operations["textus_listUsers"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/users/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get a user
         * @description Needs a key with the permission `messages:read`.
         */
        get: operations["textus_getUser"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /**
         * Change a user; a custom field that is set to null goes away
         * @description Needs a key with the permission `messages:send`.
         */
        patch: operations["textus_updateUser"];
        trace?: never;
    };
    "/users/{id}/saved_replies": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List a user's saved replies, oldest first
         * @description Needs a key with the permission `messages:read`.
         */
        get: operations["textus_listSavedReplies"];
        put?: never;
        /**
         * Save a reply
         * @description Needs a key with the permission `messages:send`.
         */
        post: operations["textus_createSavedReply"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/saved_replies/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get a saved reply
         * @description Needs a key with the permission `messages:read`.
         */
        get: operations["textus_getSavedReply"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/{account}/integrations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List integrations, oldest first
         * @description Needs a key with the permission `webhooks:manage`.
         */
        get: operations["textus_listIntegrations"];
        put?: never;
        /**
         * Have a webhook told of what happens; every action is on unless it is switched off
         * @description Needs a key with the permission `webhooks:manage`.
         */
        post: operations["textus_createIntegration"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/integrations/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get an integration
         * @description Needs a key with the permission `webhooks:manage`.
         */
        get: operations["textus_getIntegration"];
        put?: never;
        post?: never;
        /**
         * Remove an integration
         * @description Needs a key with the permission `webhooks:manage`.
         */
        delete: operations["textus_deleteIntegration"];
        options?: never;
        head?: never;
        /**
         * Change where an integration is called, or switch actions on and off
         * @description Needs a key with the permission `webhooks:manage`.
         */
        patch: operations["textus_updateIntegration"];
        trace?: never;
    };
    "/accounts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the accounts that the token may use
         * @description Needs a key with the permission `messages:read`.
         */
        get: operations["textus_listAccounts"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/accounts/{slug}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get an account
         * @description Needs a key with the permission `messages:read`.
         */
        get: operations["textus_getAccount"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/{account}/whatsapp_templates": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the templates for WhatsApp
         * @description Needs a key with the permission `messages:read`.
         */
        get: operations["textus_listWhatsappTemplates"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/whatsapp_templates/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get a template for WhatsApp
         * @description Needs a key with the permission `messages:read`.
         */
        get: operations["textus_getWhatsappTemplate"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/contexts/{file}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get the JSON-LD context of a type; needs no token */
        get: operations["textus_getContext"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/media/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Download an attachment by its signed link */
        get: operations["media_getMedia"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/healthz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whether the process is up */
        get: operations["status_health"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/readyz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whether the broker takes requests */
        get: operations["status_readiness"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** Error */
        "texting-blue.Error": {
            error: {
                code: string;
                message: string;
                /** @description The field that is to blame. */
                param?: string;
            };
        };
        /** DryRun */
        "texting-blue.DryRun": {
            /** @constant */
            dry_run: true;
            to: string;
            from: string;
            content: string;
            media_url: string | null;
            /** @description How many SMS the text would take. */
            segments: number;
            cost_cents: number;
            /** @description What it would wait for; null: nothing. */
            waiting: {
                /** @description null: nobody knows. */
                until: string | null;
                reason: string;
                message: string;
            } | null;
        };
        /** AcceptedMessage */
        "texting-blue.AcceptedMessage": {
            id: string;
            /** @constant */
            status: "queued";
            to: string;
            from: string;
            content: string;
            media_url: string | null;
            /** Format: date-time */
            created_at: string;
            /**
             * Format: date-time
             * @description Where it was asked for.
             */
            send_at?: string;
            /** @description As it was given. */
            metadata?: {
                [key: string]: unknown;
            };
        };
        /** Message */
        "texting-blue.Message": {
            id: string;
            to: string;
            from: string;
            content: string;
            media_url: string | null;
            /** @enum {string} */
            status: "queued" | "polling" | "sent" | "delivered" | "failed" | "received";
            /** @enum {string} */
            direction: "inbound" | "outbound";
            /** Format: date-time */
            created_at: string;
            delivered_at: string | null;
            /**
             * Format: date-time
             * @description When its sender wanted it sent, where they said.
             */
            send_at?: string;
            /** @description As it was given. */
            metadata?: {
                [key: string]: unknown;
            };
        };
        /** MessageList */
        "texting-blue.MessageList": {
            messages: components["schemas"]["texting-blue.Message"][];
            /** @description Cursor of the next page; null on the last page. */
            cursor: string | null;
            has_more: boolean;
        };
        /** MessageDetail */
        "texting-blue.MessageDetail": {
            id: string;
            to: string;
            from: string;
            content: string;
            media_url: string | null;
            /** @enum {string} */
            status: "queued" | "polling" | "sent" | "delivered" | "failed" | "received";
            /** @enum {string} */
            direction: "inbound" | "outbound";
            /** Format: date-time */
            created_at: string;
            delivered_at: string | null;
            /**
             * Format: date-time
             * @description When its sender wanted it sent, where they said.
             */
            send_at?: string;
            /** @description As it was given. */
            metadata?: {
                [key: string]: unknown;
            };
            /** @description Why it failed. */
            error_code: string | null;
            error_message: string | null;
            /** @constant */
            priority?: "high";
            /**
             * Format: date-time
             * @description Where its sender said.
             */
            expires_at?: string;
            /** @description While it is queued and not next: until when and why. */
            waiting?: {
                /** @description null: nobody knows. */
                until: string | null;
                reason: string;
                message: string;
            };
        };
        /** Number */
        "texting-blue.Number": {
            id: string;
            phone_number: string;
            label: string | null;
            /** @enum {string} */
            status: "active" | "paused";
            /** @description Whether its device was set up. */
            verified: boolean;
        };
        /** NumberUsage */
        "texting-blue.NumberUsage": {
            id: string;
            phone_number: string;
            time_zone: string;
            limits: {
                /** @enum {string} */
                name: "messages_per_second" | "messages_per_minute" | "messages_per_day" | "new_contacts_per_hour" | "new_contacts_per_day";
                window_seconds: number;
                used: number;
                /** @description null: none. */
                limit: number | null;
                remaining: number | null;
            }[];
            /** @description Its first week, in which it does less a day; null: that is over, or it has none. */
            ramp: {
                day: number;
                /** Format: date-time */
                ends_at: string;
            } | null;
            /** @description When the next message may go out. */
            next_free_slot: {
                /** @description null: never, as the number is set. */
                at: string | null;
                /** @description What keeps it until then; null: it is free now. */
                reason: string | null;
                message: string | null;
            };
            /** @description When the next message to somebody new may. */
            next_new_contact: {
                /** @description null: never, as the number is set. */
                at: string | null;
                /** @description What keeps it until then; null: it is free now. */
                reason: string | null;
                message: string | null;
            };
            /** @description Messages that wait, for whatever reason. */
            queued: number;
        };
        /** Error */
        "textree.Error": {
            error: {
                code: string;
                message: string;
                /** @description What to do about it. */
                fix?: string;
                /**
                 * @description Whether to try again.
                 * @enum {string}
                 */
                retry: "do_not_retry" | "retry_later" | "retry_after_verification";
                /** @description Also in x-request-id, and in the broker’s log. */
                request_id: string;
                retry_after_seconds?: number;
            };
        };
        /** Contact */
        "textree.Contact": {
            id: string;
            phone_number: string;
            name: string | null;
            email: string | null;
            custom_fields: {
                [key: string]: string | number | boolean;
            };
            /** @description Whether they must not be written to. */
            opted_out: boolean;
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            updated_at: string;
        };
        /** Webhook */
        "textree.Webhook": {
            id: string;
            url: string;
            events: ("message.sent" | "message.delivered" | "message.failed" | "message.received" | "conversation.created" | "conversation.updated" | "opt_out.created")[];
            number_id: string | null;
            active: boolean;
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            updated_at: string;
        };
        /** Delivery */
        "textree.Delivery": {
            id: string;
            event_id: string;
            /** @enum {string} */
            type: "message.sent" | "message.delivered" | "message.failed" | "message.received" | "conversation.created" | "conversation.updated" | "opt_out.created";
            /** @enum {string} */
            status: "pending" | "delivered" | "failed";
            attempts: number;
            next_attempt_at: string | null;
            is_replay: boolean;
            /** Format: date-time */
            created_at: string;
        };
        /** Error */
        "mcp.Error": {
            error: {
                code: string;
                message: string;
                /** @description What to do about it. */
                fix?: string;
                /**
                 * @description Whether to try again.
                 * @enum {string}
                 */
                retry: "do_not_retry" | "retry_later" | "retry_after_verification";
                /** @description Also in x-request-id, and in the broker’s log. */
                request_id: string;
                retry_after_seconds?: number;
            };
        };
        /** Tool */
        "mcp.Tool": {
            name: string;
            title: string;
            description: string;
            /** @description What a token needs to run it. */
            scopes: string[];
            read_only: boolean;
            timeout_ms: number;
            /** @description JSON Schema. */
            input_schema: {
                [key: string]: unknown;
            };
            /** @description JSON Schema. */
            output_schema: {
                [key: string]: unknown;
            };
        };
        /** JsonRpcResponse */
        "mcp.JsonRpcResponse": {
            /** @constant */
            jsonrpc: "2.0";
            id: string | number;
            result?: {
                [key: string]: unknown;
            };
            error?: {
                code: number;
                message: string;
                data?: unknown;
            };
        };
        /** JsonRpcError */
        "mcp.JsonRpcError": {
            /** @constant */
            jsonrpc: "2.0";
            id: null;
            error: {
                code: number;
                message: string;
                data?: {
                    code: string;
                    message: string;
                    /** @description What to do about it. */
                    fix?: string;
                    /**
                     * @description Whether to try again.
                     * @enum {string}
                     */
                    retry: "do_not_retry" | "retry_later" | "retry_after_verification";
                    /** @description Also in x-request-id, and in the broker’s log. */
                    request_id: string;
                    retry_after_seconds?: number;
                };
            };
        };
        /** Refusal */
        "inkbox.Refusal": {
            detail: string;
        };
        /** Number */
        "inkbox.Number": {
            /** Format: uuid */
            id: string;
            number: string;
            /** @constant */
            type: "local";
            /** @enum {string} */
            status: "active" | "paused" | "pending";
            /** Format: date-time */
            created_at: string;
        };
        /** Conversation */
        "inkbox.Conversation": {
            /** Format: uuid */
            id: string;
            /** @description Null for a group, which is known by its id. */
            remote_phone_number: string | null;
            participants: string[];
            is_group: boolean;
            latest_text: string;
            /** @enum {string} */
            latest_direction: "inbound" | "outbound";
            /** @enum {string} */
            latest_type: "sms" | "mms";
            latest_has_media: boolean;
            /** Format: date-time */
            latest_message_at: string;
            unread_count: number;
            total_count: number;
        };
        /** InvalidRequest */
        "inkbox.InvalidRequest": {
            detail: {
                loc: (string | number)[];
                msg: string;
                type: string;
            }[];
        };
        /** Text */
        "inkbox.Text": {
            /** Format: uuid */
            id: string;
            /** @enum {string} */
            direction: "inbound" | "outbound";
            local_phone_number: string;
            remote_phone_number: string;
            text: string;
            /** @enum {string} */
            type: "sms" | "mms";
            media: {
                content_type: string;
                size: number | null;
                /** Format: uri */
                url: string;
            }[] | null;
            is_read: boolean;
            /** Format: uuid */
            conversation_id: string;
            /** @description Null for a text that came in. */
            delivery_status: ("queued" | "sent" | "delivered" | "failed") | null;
            error_code: string | null;
            error_detail: string | null;
            sent_at: string | null;
            delivered_at: string | null;
            failed_at: string | null;
            /** @description Whether the correspondent has opted out. */
            is_blocked: boolean;
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            updated_at: string;
        };
        /** Send */
        "textus.Send": {
            /** @description The recipients, in E.164 format. */
            to: string | string[];
            from?: string | null;
            body?: string | null;
            saved_reply?: string | null;
            attachments?: {
                /** Format: uri */
                media_url: string;
                content_type: string;
            }[] | null;
            channel?: ("sms" | "whatsapp") | null;
            template?: {
                id: string;
                variable_values?: {
                    [key: string]: string;
                } | null;
            } | null;
            scheduled?: string | null;
        };
        /** Error */
        "textus.Error": {
            /** @constant */
            "@type": "hydra:Error";
            "hydra:title": string;
            "hydra:description": string;
            violations?: {
                propertyPath: string;
                message: string;
            }[];
        };
        /** Attachment */
        "textus.Attachment": {
            /** @constant */
            "@type": "Attachment";
            "@context": string;
            id: string;
            /** @description Works for an hour; null: its file is not there yet. */
            url: string | null;
            downloadUrl: string | null;
            key: string | null;
            contentType: string | null;
            size: number | null;
            width: number | null;
            height: number | null;
            originalFilename: string | null;
        };
        /** WhatsAppTemplate */
        "textus.WhatsAppTemplate": {
            /** @constant */
            "@type": "WhatsApp::Template";
            "@context": string;
            id: string;
            title: string;
            language: string;
            /** @enum {string} */
            status: "approved" | "pending" | "rejected";
            quality: string | null;
            contentSid: string;
            contentType: string;
            content: {
                body: string;
                quickReplies: string[];
            };
            category: string;
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            updatedAt: string;
        };
        /** Message */
        "textus.Message": {
            /** @constant */
            "@type": "Message";
            id: string;
            "@context": string;
            /** @enum {string} */
            direction: "in" | "out";
            body: string;
            formattedBody: string;
            /** Format: date-time */
            displayTimestamp: string;
            /** @description Later messages have larger ones. */
            timelinePosition: number;
            /** @enum {string} */
            deliveryState: "pending" | "sending" | "sent" | "delivered" | "failed" | "received";
            conversation: string;
            sender: string | null;
            attachments: {
                "@context": string;
                /** @constant */
                "@type": "hydra:Collection";
                id: string;
                members: components["schemas"]["textus.Attachment"][];
                totalItems: number;
            };
            friendlyStateDescription: string;
            retryAllowed: boolean;
            retry: null;
            /** Format: date-time */
            latestEventAt: string;
            flags: string[];
            source: string;
            /** @enum {string} */
            channel: "sms" | "whatsapp";
            whatsAppTemplate: components["schemas"]["textus.WhatsAppTemplate"] | null;
            engagementScore: null;
            engagementTemperature: null;
            respondedToMessage?: null;
        };
        /** Conversation */
        "textus.Conversation": {
            /** @constant */
            "@type": "Conversation";
            "@context": string;
            id: string;
            phone: string;
            accountPhone: string;
            contact: string | null;
            isGroup: boolean;
            participants: string[];
            messages: string;
            latestMessage: string;
            totalCount: number;
            unreadCount: number;
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            updatedAt: string;
        };
        /** Contact */
        "textus.Contact": {
            /** @constant */
            "@type": "Contact";
            "@context": string;
            id: string;
            firstName: string | null;
            lastName: string | null;
            name: string | null;
            phone: string;
            email: string | null;
            custom: {
                [key: string]: string | number | boolean;
            };
            optedOut: boolean;
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            updatedAt: string;
        };
        /** User */
        "textus.User": {
            /** @constant */
            "@type": "User";
            "@context": string;
            id: string;
            name: string;
            email: string | null;
            custom: {
                [key: string]: string | number | boolean;
            };
            savedReplies: string;
        };
        /** SavedReply */
        "textus.SavedReply": {
            /** @constant */
            "@type": "SavedReply";
            "@context": string;
            id: string;
            user: string;
            title: string;
            body: string;
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            updatedAt: string;
        };
        /** Integration */
        "textus.Integration": {
            /** @constant */
            "@type": "Integration";
            "@context": string;
            id: string;
            /** @constant */
            provider: "webhook";
            config: {
                baseUrl: string;
                webhookSecret: string;
            };
            settings: {
                actions: {
                    "message.received": boolean;
                    "message.delivered": boolean;
                    "message.failed": boolean;
                    "contact.opted_out": boolean;
                    "contact.opted_in": boolean;
                };
            };
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            updatedAt: string;
        };
        /** Account */
        "textus.Account": {
            /** @constant */
            "@type": "Account";
            "@context": string;
            id: string;
            slug: string;
            conversations: string;
            contacts: string;
            users: string;
            whatsAppTemplates: string;
            integrations: string;
        };
        /** Error */
        "media.Error": {
            error: {
                code: string;
                message: string;
            };
        };
        /** Error */
        "status.Error": {
            error: {
                code: string;
                message: string;
            };
        };
    };
    responses: {
        /** @description There is no key, or it is not valid. */
        "texting-blue.401": {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["texting-blue.Error"];
            };
        };
        /** @description The key does not have the permission. */
        "texting-blue.403": {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["texting-blue.Error"];
            };
        };
        /** @description The body is too large. */
        "texting-blue.413": {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["texting-blue.Error"];
            };
        };
        /** @description Any other refusal, and faults. */
        "texting-blue.default": {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["texting-blue.Error"];
            };
        };
        /** @description Too many requests; Retry-After says when to try again. */
        "texting-blue.429": {
            headers: {
                /** @description Seconds. */
                "Retry-After"?: number;
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["texting-blue.Error"];
            };
        };
        /** @description Any other refusal, and faults. */
        "textree.default": {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["textree.Error"];
            };
        };
        /** @description There is no key, or it is not valid. */
        "textree.401": {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["textree.Error"];
            };
        };
        /** @description The body is too large. */
        "textree.413": {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["textree.Error"];
            };
        };
        /** @description The key does not have the permission. */
        "textree.403": {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["textree.Error"];
            };
        };
        /** @description Too many requests; Retry-After says when to try again. */
        "textree.429": {
            headers: {
                /** @description Seconds. */
                "Retry-After"?: number;
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["textree.Error"];
            };
        };
        /** @description Any other refusal, and faults. */
        "mcp.default": {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["mcp.Error"];
            };
        };
        /** @description There is no key, or it is not valid. */
        "mcp.401": {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["mcp.Error"];
            };
        };
        /** @description The key does not have the permission. */
        "mcp.403": {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["mcp.Error"];
            };
        };
        /** @description Too many requests; Retry-After says when to try again. */
        "mcp.429": {
            headers: {
                /** @description Seconds. */
                "Retry-After"?: number;
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["mcp.Error"];
            };
        };
        /** @description The body is too large. */
        "mcp.413": {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["mcp.Error"];
            };
        };
        /** @description The key does not have the permission. */
        "inkbox.403": {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["inkbox.Refusal"];
            };
        };
        /** @description Too many requests; Retry-After says when to try again. */
        "inkbox.429": {
            headers: {
                /** @description Seconds. */
                "Retry-After"?: number;
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["inkbox.Refusal"];
            };
        };
        /** @description Any other refusal, and faults. */
        "inkbox.default": {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["inkbox.Refusal"];
            };
        };
        /** @description The body is too large. */
        "inkbox.413": {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["inkbox.Refusal"];
            };
        };
        /** @description There is no key, or it is not valid. */
        "textus.401": {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/vnd.textus+jsonld": components["schemas"]["textus.Error"];
            };
        };
        /** @description The key does not have the permission. */
        "textus.403": {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/vnd.textus+jsonld": components["schemas"]["textus.Error"];
            };
        };
        /** @description The body is too large. */
        "textus.413": {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/vnd.textus+jsonld": components["schemas"]["textus.Error"];
            };
        };
        /** @description Any other refusal, and faults. */
        "textus.default": {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/vnd.textus+jsonld": components["schemas"]["textus.Error"];
            };
        };
        /** @description Too many requests; Retry-After says when to try again. */
        "textus.429": {
            headers: {
                /** @description Seconds. */
                "Retry-After"?: number;
                [name: string]: unknown;
            };
            content: {
                "application/vnd.textus+jsonld": components["schemas"]["textus.Error"];
            };
        };
        /** @description Any other refusal, and faults. */
        "media.default": {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["media.Error"];
            };
        };
        /** @description Any other refusal, and faults. */
        "status.default": {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["status.Error"];
            };
        };
    };
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    texting_blue_sendMessage: {
        parameters: {
            query?: never;
            header?: {
                /** @description 8 to 128 printable ASCII characters. A repeat with the same key and body gets the first answer and sends nothing. */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "to": "+15005550014",
                 *       "from": "+15005550006",
                 *       "content": "Hello from Homing"
                 *     }
                 */
                "application/json": {
                    /**
                     * @description The recipient, in E.164 format.
                     * @example +14155550100
                     */
                    to: string;
                    from?: string | null;
                    /** @description The text. */
                    content: string;
                    media_url?: string | null;
                    send_at?: string | null;
                    expires_at?: string | null;
                    priority?: ("normal" | "high") | null;
                    metadata?: {
                        [key: string]: unknown;
                    } | null;
                    status_callback?: string | null;
                    dry_run?: boolean | null;
                };
            };
        };
        responses: {
            /** @description What a dry run says. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["texting-blue.DryRun"];
                };
            };
            /** @description Queued, durably. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["texting-blue.AcceptedMessage"];
                };
            };
            /** @description Refused; see the error codes. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["texting-blue.Error"];
                };
            };
            401: components["responses"]["texting-blue.401"];
            /** @description Refused; see the error codes. */
            402: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["texting-blue.Error"];
                };
            };
            403: components["responses"]["texting-blue.403"];
            /** @description Refused; see the error codes. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["texting-blue.Error"];
                };
            };
            413: components["responses"]["texting-blue.413"];
            /** @description Refused; see the error codes. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["texting-blue.Error"];
                };
            };
            default: components["responses"]["texting-blue.default"];
        };
    };
    texting_blue_listMessages: {
        parameters: {
            query?: {
                /** @description Only messages from this number or address. */
                from?: string;
                /** @description Only messages to this number or address. */
                to?: string;
                /** @description Only messages that are at this. */
                status?: "queued" | "polling" | "sent" | "delivered" | "failed" | "received";
                /**
                 * @description Only messages that go this way.
                 * @example inbound
                 */
                direction?: "inbound" | "outbound";
                /**
                 * @description Maximum number of rows.
                 * @example 20
                 */
                limit?: number;
                /** @description Cursor of the previous page. */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["texting-blue.MessageList"];
                };
            };
            /** @description Refused; see the error codes. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["texting-blue.Error"];
                };
            };
            401: components["responses"]["texting-blue.401"];
            403: components["responses"]["texting-blue.403"];
            429: components["responses"]["texting-blue.429"];
            default: components["responses"]["texting-blue.default"];
        };
    };
    texting_blue_listScheduledMessages: {
        parameters: {
            query?: {
                /**
                 * @description Maximum number of rows.
                 * @example 20
                 */
                limit?: number;
                /** @description Cursor of the previous page. */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["texting-blue.MessageList"];
                };
            };
            /** @description Refused; see the error codes. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["texting-blue.Error"];
                };
            };
            401: components["responses"]["texting-blue.401"];
            403: components["responses"]["texting-blue.403"];
            429: components["responses"]["texting-blue.429"];
            default: components["responses"]["texting-blue.default"];
        };
    };
    texting_blue_getMessage: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Its id, as answers show it.
                 * @example msg_01m7ypkdxffkmb6tyeck3vccad
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The message. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["texting-blue.MessageDetail"];
                };
            };
            401: components["responses"]["texting-blue.401"];
            403: components["responses"]["texting-blue.403"];
            /** @description Refused; see the error codes. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["texting-blue.Error"];
                };
            };
            429: components["responses"]["texting-blue.429"];
            default: components["responses"]["texting-blue.default"];
        };
    };
    texting_blue_cancelMessage: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Its id, as answers show it.
                 * @example msg_01m7ypkdxffkmb6tyeck3vccad
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Cancelled, or over already: the message as it is. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["texting-blue.MessageDetail"];
                };
            };
            /** @description A device has it and was asked to drop it. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["texting-blue.MessageDetail"];
                };
            };
            401: components["responses"]["texting-blue.401"];
            403: components["responses"]["texting-blue.403"];
            /** @description Refused; see the error codes. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["texting-blue.Error"];
                };
            };
            429: components["responses"]["texting-blue.429"];
            default: components["responses"]["texting-blue.default"];
        };
    };
    texting_blue_listNumbers: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All numbers of the account. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        numbers: {
                            id: string;
                            phone_number: string;
                            label: string | null;
                            /** @enum {string} */
                            status: "active" | "paused";
                            /** @description Whether its device was set up. */
                            verified: boolean;
                            device_name: string | null;
                            last_seen_at: string | null;
                            messages_today: number;
                            /** Format: date-time */
                            created_at: string;
                        }[];
                    };
                };
            };
            401: components["responses"]["texting-blue.401"];
            403: components["responses"]["texting-blue.403"];
            429: components["responses"]["texting-blue.429"];
            default: components["responses"]["texting-blue.default"];
        };
    };
    texting_blue_verifyNumber: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "phone_number": "+14155550199"
                 *     }
                 */
                "application/json": {
                    /**
                     * @description The number of the iPhone or Mac.
                     * @example +14155550100
                     */
                    phone_number: string;
                };
            };
        };
        responses: {
            /** @description Open the link on the device that owns the number. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        message: string;
                        /**
                         * Format: uri
                         * @description To be opened on the device that owns the number.
                         */
                        setup_url: string;
                    };
                };
            };
            /** @description Refused; see the error codes. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["texting-blue.Error"];
                };
            };
            401: components["responses"]["texting-blue.401"];
            /** @description Refused; see the error codes. */
            402: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["texting-blue.Error"];
                };
            };
            403: components["responses"]["texting-blue.403"];
            /** @description Refused; see the error codes. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["texting-blue.Error"];
                };
            };
            413: components["responses"]["texting-blue.413"];
            429: components["responses"]["texting-blue.429"];
            default: components["responses"]["texting-blue.default"];
        };
    };
    texting_blue_updateNumber: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Its id, as answers show it.
                 * @example num_01m7ypkdxffkmb6tyeck3vccad
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "status": "paused"
                 *     }
                 */
                "application/json": {
                    label?: string | null;
                    /**
                     * @description A paused number sends nothing.
                     * @enum {string}
                     */
                    status?: "active" | "paused";
                    /** @description How fast it may send; what is left out stays as it is. */
                    pace?: {
                        messages_per_second?: number | null;
                        messages_per_minute?: number | null;
                        messages_per_day?: number | null;
                        new_contacts_per_hour?: number | null;
                        new_contacts_per_day?: number | null;
                        unanswered_in_a_row?: number | null;
                        ramp?: boolean | null;
                        time_zone?: string | null;
                        quiet_hours?: {
                            /** @description A time of the day such as 21:30. */
                            from: string;
                            /** @description A time of the day such as 21:30. */
                            to: string;
                        } | null;
                        weekly_windows?: {
                            /** @description A time of the day such as 21:30. */
                            from: string;
                            /** @description A time of the day such as 21:30. */
                            to: string;
                            days: ("mon" | "tue" | "wed" | "thu" | "fri" | "sat" | "sun")[];
                        }[] | null;
                    };
                };
            };
        };
        responses: {
            /** @description The number as it is now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["texting-blue.Number"];
                };
            };
            /** @description Refused; see the error codes. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["texting-blue.Error"];
                };
            };
            401: components["responses"]["texting-blue.401"];
            403: components["responses"]["texting-blue.403"];
            /** @description Refused; see the error codes. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["texting-blue.Error"];
                };
            };
            413: components["responses"]["texting-blue.413"];
            429: components["responses"]["texting-blue.429"];
            default: components["responses"]["texting-blue.default"];
        };
    };
    texting_blue_deleteNumber: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Its id, as answers show it.
                 * @example num_01m7ypkdxffkmb6tyeck3vccad
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Removed; what waited for it is cancelled. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            401: components["responses"]["texting-blue.401"];
            403: components["responses"]["texting-blue.403"];
            /** @description Refused; see the error codes. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["texting-blue.Error"];
                };
            };
            429: components["responses"]["texting-blue.429"];
            default: components["responses"]["texting-blue.default"];
        };
    };
    texting_blue_getNumberUsage: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Its id, as answers show it.
                 * @example num_01m7ypkdxffkmb6tyeck3vccad
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Its usage now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["texting-blue.NumberUsage"];
                };
            };
            401: components["responses"]["texting-blue.401"];
            403: components["responses"]["texting-blue.403"];
            /** @description Refused; see the error codes. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["texting-blue.Error"];
                };
            };
            429: components["responses"]["texting-blue.429"];
            default: components["responses"]["texting-blue.default"];
        };
    };
    texting_blue_listWebhooks: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All of them. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        webhooks: {
                            id: string;
                            url: string;
                            events: ("message.received" | "message.sent" | "message.delivered" | "message.failed")[];
                            phone_number: string | null;
                            active: boolean;
                            /** Format: date-time */
                            created_at: string;
                        }[];
                    };
                };
            };
            401: components["responses"]["texting-blue.401"];
            403: components["responses"]["texting-blue.403"];
            429: components["responses"]["texting-blue.429"];
            default: components["responses"]["texting-blue.default"];
        };
    };
    texting_blue_createWebhook: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "url": "https://example.com/homing",
                 *       "events": [
                 *         "message.received"
                 *       ]
                 *     }
                 */
                "application/json": {
                    /** Format: uri */
                    url: string;
                    events: ("message.received" | "message.sent" | "message.delivered" | "message.failed")[];
                    phone_number?: string | null;
                };
            };
        };
        responses: {
            /** @description Added. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        id: string;
                        url: string;
                        events: ("message.received" | "message.sent" | "message.delivered" | "message.failed")[];
                        phone_number: string | null;
                        active: boolean;
                        /** Format: date-time */
                        created_at: string;
                        secret: string;
                    };
                };
            };
            /** @description Refused; see the error codes. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["texting-blue.Error"];
                };
            };
            401: components["responses"]["texting-blue.401"];
            /** @description Refused; see the error codes. */
            402: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["texting-blue.Error"];
                };
            };
            403: components["responses"]["texting-blue.403"];
            /** @description Refused; see the error codes. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["texting-blue.Error"];
                };
            };
            413: components["responses"]["texting-blue.413"];
            429: components["responses"]["texting-blue.429"];
            default: components["responses"]["texting-blue.default"];
        };
    };
    texting_blue_getCallbackSecret: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One secret for all of them. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        secret: string;
                    };
                };
            };
            401: components["responses"]["texting-blue.401"];
            403: components["responses"]["texting-blue.403"];
            429: components["responses"]["texting-blue.429"];
            default: components["responses"]["texting-blue.default"];
        };
    };
    texting_blue_getWebhook: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Its id, as answers show it.
                 * @example wh_01m7ypkdxffkmb6tyeck3vccad
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The webhook. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        id: string;
                        url: string;
                        events: ("message.received" | "message.sent" | "message.delivered" | "message.failed")[];
                        phone_number: string | null;
                        active: boolean;
                        /** Format: date-time */
                        created_at: string;
                    };
                };
            };
            401: components["responses"]["texting-blue.401"];
            403: components["responses"]["texting-blue.403"];
            /** @description Refused; see the error codes. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["texting-blue.Error"];
                };
            };
            429: components["responses"]["texting-blue.429"];
            default: components["responses"]["texting-blue.default"];
        };
    };
    texting_blue_updateWebhook: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Its id, as answers show it.
                 * @example wh_01m7ypkdxffkmb6tyeck3vccad
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "active": true
                 *     }
                 */
                "application/json": {
                    /** Format: uri */
                    url?: string;
                    events?: ("message.received" | "message.sent" | "message.delivered" | "message.failed")[];
                    phone_number?: string | null;
                    active?: boolean;
                };
            };
        };
        responses: {
            /** @description The webhook as it is now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        id: string;
                        url: string;
                        events: ("message.received" | "message.sent" | "message.delivered" | "message.failed")[];
                        phone_number: string | null;
                        active: boolean;
                        /** Format: date-time */
                        created_at: string;
                    };
                };
            };
            /** @description Refused; see the error codes. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["texting-blue.Error"];
                };
            };
            401: components["responses"]["texting-blue.401"];
            /** @description Refused; see the error codes. */
            402: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["texting-blue.Error"];
                };
            };
            403: components["responses"]["texting-blue.403"];
            /** @description Refused; see the error codes. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["texting-blue.Error"];
                };
            };
            /** @description Refused; see the error codes. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["texting-blue.Error"];
                };
            };
            413: components["responses"]["texting-blue.413"];
            429: components["responses"]["texting-blue.429"];
            default: components["responses"]["texting-blue.default"];
        };
    };
    texting_blue_deleteWebhook: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Its id, as answers show it.
                 * @example wh_01m7ypkdxffkmb6tyeck3vccad
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Removed. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            401: components["responses"]["texting-blue.401"];
            403: components["responses"]["texting-blue.403"];
            /** @description Refused; see the error codes. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["texting-blue.Error"];
                };
            };
            429: components["responses"]["texting-blue.429"];
            default: components["responses"]["texting-blue.default"];
        };
    };
    texting_blue_rotateWebhookSecret: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Its id, as answers show it.
                 * @example wh_01m7ypkdxffkmb6tyeck3vccad
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "overlap_hours": 24
                 *     }
                 */
                "application/json": {
                    /** @default 24 */
                    overlap_hours?: number;
                };
            };
        };
        responses: {
            /** @description The new secret, shown this once. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        id: string;
                        url: string;
                        events: ("message.received" | "message.sent" | "message.delivered" | "message.failed")[];
                        phone_number: string | null;
                        active: boolean;
                        /** Format: date-time */
                        created_at: string;
                        secret: string;
                    };
                };
            };
            /** @description Refused; see the error codes. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["texting-blue.Error"];
                };
            };
            401: components["responses"]["texting-blue.401"];
            403: components["responses"]["texting-blue.403"];
            /** @description Refused; see the error codes. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["texting-blue.Error"];
                };
            };
            413: components["responses"]["texting-blue.413"];
            429: components["responses"]["texting-blue.429"];
            default: components["responses"]["texting-blue.default"];
        };
    };
    texting_blue_testWebhook: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Its id, as answers show it.
                 * @example wh_01m7ypkdxffkmb6tyeck3vccad
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It will be delivered. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        id: string;
                        event_id: string;
                        type: string;
                        /** @enum {string} */
                        status: "pending" | "delivered" | "failed";
                        next_attempt_at: string | null;
                        is_replay: boolean;
                        /** Format: date-time */
                        created_at: string;
                        attempts: {
                            /** Format: date-time */
                            at: string;
                            duration_ms: number;
                            status_code: number | null;
                            answer: string;
                        }[];
                    };
                };
            };
            401: components["responses"]["texting-blue.401"];
            403: components["responses"]["texting-blue.403"];
            /** @description Refused; see the error codes. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["texting-blue.Error"];
                };
            };
            429: components["responses"]["texting-blue.429"];
            default: components["responses"]["texting-blue.default"];
        };
    };
    texting_blue_listDeliveries: {
        parameters: {
            query?: {
                /**
                 * @description Maximum number of rows.
                 * @example 20
                 */
                limit?: number;
                /** @description Cursor of the previous page. */
                cursor?: string;
            };
            header?: never;
            path: {
                /**
                 * @description Its id, as answers show it.
                 * @example wh_01m7ypkdxffkmb6tyeck3vccad
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        deliveries: {
                            id: string;
                            event_id: string;
                            type: string;
                            /** @enum {string} */
                            status: "pending" | "delivered" | "failed";
                            next_attempt_at: string | null;
                            is_replay: boolean;
                            /** Format: date-time */
                            created_at: string;
                            attempts: {
                                /** Format: date-time */
                                at: string;
                                duration_ms: number;
                                status_code: number | null;
                                answer: string;
                            }[];
                        }[];
                        /** @description Cursor of the next page; null on the last page. */
                        cursor: string | null;
                        has_more: boolean;
                    };
                };
            };
            /** @description Refused; see the error codes. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["texting-blue.Error"];
                };
            };
            401: components["responses"]["texting-blue.401"];
            403: components["responses"]["texting-blue.403"];
            /** @description Refused; see the error codes. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["texting-blue.Error"];
                };
            };
            429: components["responses"]["texting-blue.429"];
            default: components["responses"]["texting-blue.default"];
        };
    };
    texting_blue_replayEvents: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Its id, as answers show it.
                 * @example wh_01m7ypkdxffkmb6tyeck3vccad
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "since": "2026-11-20T00:00:00Z",
                 *       "undelivered_only": true
                 *     }
                 */
                "application/json": {
                    /** @description The one event. */
                    event_id?: string;
                    /**
                     * Format: date-time
                     * @description Instead of an event: everything from then on.
                     */
                    since?: string;
                    until?: string | null;
                    undelivered_only?: boolean | null;
                    cursor?: string | null;
                };
            };
        };
        responses: {
            /** @description It will be delivered: for one event its delivery, else how many. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        id: string;
                        event_id: string;
                        type: string;
                        /** @enum {string} */
                        status: "pending" | "delivered" | "failed";
                        next_attempt_at: string | null;
                        is_replay: boolean;
                        /** Format: date-time */
                        created_at: string;
                        attempts: {
                            /** Format: date-time */
                            at: string;
                            duration_ms: number;
                            status_code: number | null;
                            answer: string;
                        }[];
                    } | {
                        replayed: number;
                        /** @description Where to go on, with the same range; null: that was all of it. */
                        cursor: string | null;
                        has_more: boolean;
                    };
                };
            };
            /** @description Refused; see the error codes. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["texting-blue.Error"];
                };
            };
            401: components["responses"]["texting-blue.401"];
            403: components["responses"]["texting-blue.403"];
            /** @description Refused; see the error codes. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["texting-blue.Error"];
                };
            };
            413: components["responses"]["texting-blue.413"];
            429: components["responses"]["texting-blue.429"];
            default: components["responses"]["texting-blue.default"];
        };
    };
    texting_blue_streamEvents: {
        parameters: {
            query?: {
                /** @description Only events of these types, separated by commas. */
                types?: string;
                /** @description Only of this number of yours. */
                number?: string;
                /** @description The same as the header, for clients that can’t send it. */
                last_event_id?: string;
                /**
                 * @description `true`: ends with what is there already, rather than waiting for more.
                 * @example true
                 */
                once?: "true" | "false";
            };
            header?: {
                /** @description The id of the last event that was seen; what happened since comes first. Kept for three days after a stream. */
                "Last-Event-ID"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One event after the other: its `id`, its type as `event`, and as `data` the JSON that webhooks get. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": unknown;
                };
            };
            /** @description Refused; see the error codes. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["texting-blue.Error"];
                };
            };
            401: components["responses"]["texting-blue.401"];
            403: components["responses"]["texting-blue.403"];
            /** @description Refused; see the error codes. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["texting-blue.Error"];
                };
            };
            default: components["responses"]["texting-blue.default"];
        };
    };
    textree_health: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        status: "ok";
                    };
                };
            };
            default: components["responses"]["textree.default"];
        };
    };
    textree_sendMessage: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "phone_number": "+15005550014",
                 *       "body": "Hello from Homing",
                 *       "idempotency_key": "welcome-4711"
                 *     }
                 */
                "application/json": {
                    /** @description Not taken: the recipient is named in phone_number. */
                    to?: unknown;
                    /**
                     * @description The recipient, in E.164 format.
                     * @example +14155550100
                     */
                    phone_number: string;
                    /** @description The text. */
                    body: string;
                    idempotency_key?: string | null;
                    metadata?: {
                        [key: string]: unknown;
                    } | null;
                    estimated_cost_cents?: number | null;
                };
            };
        };
        responses: {
            /** @description Queued, durably. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        message: {
                            id: string;
                            /** @constant */
                            status: "queued";
                        };
                    };
                };
            };
            401: components["responses"]["textree.401"];
            /** @description Refused; see the error codes. */
            402: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["textree.Error"];
                };
            };
            /** @description Refused; see the error codes. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["textree.Error"];
                };
            };
            413: components["responses"]["textree.413"];
            /** @description Refused; see the error codes. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["textree.Error"];
                };
            };
            /** @description Refused; see the error codes. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["textree.Error"];
                };
            };
            default: components["responses"]["textree.default"];
        };
    };
    textree_getMessage: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Its id, as answers show it.
                 * @example msg_01m7ypkdxffkmb6tyeck3vccad
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The message. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        message: {
                            id: string;
                            /** @enum {string} */
                            status: "queued" | "sent" | "delivered" | "failed" | "received";
                            phone_number: string;
                            /** @description How many SMS the text would take. */
                            segments: number;
                            cost_cents: number;
                            /** Format: date-time */
                            created_at: string;
                            /** @description As it was given. */
                            metadata?: {
                                [key: string]: unknown;
                            };
                        };
                    };
                };
            };
            401: components["responses"]["textree.401"];
            403: components["responses"]["textree.403"];
            /** @description Refused; see the error codes. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["textree.Error"];
                };
            };
            429: components["responses"]["textree.429"];
            default: components["responses"]["textree.default"];
        };
    };
    textree_listNumbers: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All numbers of the account, oldest first. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        numbers: {
                            id: string;
                            number: string;
                            friendly_name: string | null;
                            /** @enum {string} */
                            status: "connected" | "pending" | "disabled";
                            compliance_status: string;
                            capabilities: ("imessage" | "sms")[];
                            inbound_webhook_url: string | null;
                            /** Format: date-time */
                            created_at: string;
                        }[];
                    };
                };
            };
            401: components["responses"]["textree.401"];
            403: components["responses"]["textree.403"];
            429: components["responses"]["textree.429"];
            default: components["responses"]["textree.default"];
        };
    };
    textree_buyNumber: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "area_code": "415",
                 *       "friendly_name": "Support",
                 *       "inbound_webhook_url": "https://example.com/inbound"
                 *     }
                 */
                "application/json": {
                    /** @description Where the number is to be from. */
                    area_code: string;
                    /** @description What you call it. */
                    friendly_name: string;
                    inbound_webhook_url?: string | null;
                };
            };
        };
        responses: {
            /** @description Bought. While it is `pending`, what comes in for it is not told to us yet. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        number: {
                            id: string;
                            number: string;
                            friendly_name: string | null;
                            /** @enum {string} */
                            status: "connected" | "pending" | "disabled";
                            compliance_status: string;
                        };
                        webhook_configured: boolean;
                    };
                };
            };
            401: components["responses"]["textree.401"];
            /** @description Refused; see the error codes. */
            402: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["textree.Error"];
                };
            };
            403: components["responses"]["textree.403"];
            413: components["responses"]["textree.413"];
            /** @description Refused; see the error codes. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["textree.Error"];
                };
            };
            429: components["responses"]["textree.429"];
            /** @description Refused; see the error codes. */
            502: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["textree.Error"];
                };
            };
            /** @description Refused; see the error codes. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["textree.Error"];
                };
            };
            default: components["responses"]["textree.default"];
        };
    };
    textree_listContacts: {
        parameters: {
            query?: {
                /**
                 * @description Maximum number of rows.
                 * @example 20
                 */
                limit?: number;
                /** @description Cursor of the previous page. */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        contacts: components["schemas"]["textree.Contact"][];
                        /** @description Cursor of the next page; null on the last page. */
                        cursor: string | null;
                        has_more: boolean;
                    };
                };
            };
            401: components["responses"]["textree.401"];
            403: components["responses"]["textree.403"];
            /** @description Refused; see the error codes. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["textree.Error"];
                };
            };
            429: components["responses"]["textree.429"];
            default: components["responses"]["textree.default"];
        };
    };
    textree_createContact: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "phone_number": "+14155550100",
                 *       "name": "Ada",
                 *       "custom_fields": {
                 *         "plan": "gold"
                 *       }
                 *     }
                 */
                "application/json": {
                    /** @example +14155550100 */
                    phone_number: string;
                    name?: string | null;
                    email?: string | null;
                    custom_fields?: {
                        [key: string]: string | number | boolean;
                    };
                    /** @description Whether they must not be written to. */
                    opted_out?: boolean;
                };
            };
        };
        responses: {
            /** @description The contact. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        contact: components["schemas"]["textree.Contact"];
                    };
                };
            };
            401: components["responses"]["textree.401"];
            403: components["responses"]["textree.403"];
            /** @description Refused; see the error codes. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["textree.Error"];
                };
            };
            413: components["responses"]["textree.413"];
            /** @description Refused; see the error codes. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["textree.Error"];
                };
            };
            429: components["responses"]["textree.429"];
            default: components["responses"]["textree.default"];
        };
    };
    textree_getContact: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Its id, as answers show it.
                 * @example con_01m7ypkdxffkmb6tyeck3vccad
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The contact. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        contact: components["schemas"]["textree.Contact"];
                    };
                };
            };
            401: components["responses"]["textree.401"];
            403: components["responses"]["textree.403"];
            /** @description Refused; see the error codes. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["textree.Error"];
                };
            };
            429: components["responses"]["textree.429"];
            default: components["responses"]["textree.default"];
        };
    };
    textree_deleteContact: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Its id, as answers show it.
                 * @example con_01m7ypkdxffkmb6tyeck3vccad
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Removed. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            401: components["responses"]["textree.401"];
            403: components["responses"]["textree.403"];
            /** @description Refused; see the error codes. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["textree.Error"];
                };
            };
            429: components["responses"]["textree.429"];
            default: components["responses"]["textree.default"];
        };
    };
    textree_updateContact: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Its id, as answers show it.
                 * @example con_01m7ypkdxffkmb6tyeck3vccad
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "opted_out": true,
                 *       "custom_fields": {
                 *         "plan": null
                 *       }
                 *     }
                 */
                "application/json": {
                    /** @example +14155550100 */
                    phone_number?: string;
                    name?: string | null;
                    email?: string | null;
                    custom_fields?: {
                        [key: string]: string | number | boolean | null;
                    };
                    /** @description Whether they must not be written to. */
                    opted_out?: boolean;
                };
            };
        };
        responses: {
            /** @description The contact. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        contact: components["schemas"]["textree.Contact"];
                    };
                };
            };
            401: components["responses"]["textree.401"];
            403: components["responses"]["textree.403"];
            /** @description Refused; see the error codes. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["textree.Error"];
                };
            };
            /** @description Refused; see the error codes. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["textree.Error"];
                };
            };
            413: components["responses"]["textree.413"];
            /** @description Refused; see the error codes. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["textree.Error"];
                };
            };
            429: components["responses"]["textree.429"];
            default: components["responses"]["textree.default"];
        };
    };
    textree_listWebhooks: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All of them. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        webhooks: components["schemas"]["textree.Webhook"][];
                    };
                };
            };
            401: components["responses"]["textree.401"];
            403: components["responses"]["textree.403"];
            429: components["responses"]["textree.429"];
            default: components["responses"]["textree.default"];
        };
    };
    textree_createWebhook: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "url": "https://example.com/textree",
                 *       "events": [
                 *         "message.received"
                 *       ]
                 *     }
                 */
                "application/json": {
                    /**
                     * Format: uri
                     * @description What is called.
                     */
                    url: string;
                    /** @description What it is told of. */
                    events: ("message.sent" | "message.delivered" | "message.failed" | "message.received" | "conversation.created" | "conversation.updated" | "opt_out.created")[];
                };
            };
        };
        responses: {
            /** @description Added. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        webhook: {
                            id: string;
                            url: string;
                            events: ("message.sent" | "message.delivered" | "message.failed" | "message.received" | "conversation.created" | "conversation.updated" | "opt_out.created")[];
                            number_id: string | null;
                            active: boolean;
                            /** Format: date-time */
                            created_at: string;
                            /** Format: date-time */
                            updated_at: string;
                            /** @description What deliveries are signed with. */
                            secret: string;
                        };
                    };
                };
            };
            401: components["responses"]["textree.401"];
            403: components["responses"]["textree.403"];
            /** @description Refused; see the error codes. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["textree.Error"];
                };
            };
            413: components["responses"]["textree.413"];
            /** @description Refused; see the error codes. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["textree.Error"];
                };
            };
            429: components["responses"]["textree.429"];
            default: components["responses"]["textree.default"];
        };
    };
    textree_deleteWebhook: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Its id, as answers show it.
                 * @example wh_01m7ypkdxffkmb6tyeck3vccad
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Removed. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            401: components["responses"]["textree.401"];
            403: components["responses"]["textree.403"];
            /** @description Refused; see the error codes. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["textree.Error"];
                };
            };
            429: components["responses"]["textree.429"];
            default: components["responses"]["textree.default"];
        };
    };
    textree_updateWebhook: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Its id, as answers show it.
                 * @example wh_01m7ypkdxffkmb6tyeck3vccad
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "active": true
                 *     }
                 */
                "application/json": {
                    /** Format: uri */
                    url?: string;
                    /** @description What it is told of. */
                    events?: ("message.sent" | "message.delivered" | "message.failed" | "message.received" | "conversation.created" | "conversation.updated" | "opt_out.created")[];
                    active?: boolean;
                };
            };
        };
        responses: {
            /** @description The webhook as it is now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        webhook: components["schemas"]["textree.Webhook"];
                    };
                };
            };
            401: components["responses"]["textree.401"];
            403: components["responses"]["textree.403"];
            /** @description Refused; see the error codes. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["textree.Error"];
                };
            };
            /** @description Refused; see the error codes. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["textree.Error"];
                };
            };
            413: components["responses"]["textree.413"];
            /** @description Refused; see the error codes. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["textree.Error"];
                };
            };
            429: components["responses"]["textree.429"];
            default: components["responses"]["textree.default"];
        };
    };
    textree_listDeliveries: {
        parameters: {
            query?: {
                /**
                 * @description Maximum number of rows.
                 * @example 20
                 */
                limit?: number;
                /** @description Cursor of the previous page. */
                cursor?: string;
            };
            header?: never;
            path: {
                /**
                 * @description Its id, as answers show it.
                 * @example wh_01m7ypkdxffkmb6tyeck3vccad
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        deliveries: components["schemas"]["textree.Delivery"][];
                        /** @description Cursor of the next page; null on the last page. */
                        cursor: string | null;
                        has_more: boolean;
                    };
                };
            };
            401: components["responses"]["textree.401"];
            403: components["responses"]["textree.403"];
            /** @description Refused; see the error codes. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["textree.Error"];
                };
            };
            /** @description Refused; see the error codes. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["textree.Error"];
                };
            };
            429: components["responses"]["textree.429"];
            default: components["responses"]["textree.default"];
        };
    };
    textree_replayEvent: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Its id, as answers show it.
                 * @example wh_01m7ypkdxffkmb6tyeck3vccad
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "event_id": "evt_01m7ypkdxffkmb6tyeck3vccad"
                 *     }
                 */
                "application/json": {
                    event_id: string;
                };
            };
        };
        responses: {
            /** @description It will be delivered. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        delivery: components["schemas"]["textree.Delivery"];
                    };
                };
            };
            401: components["responses"]["textree.401"];
            403: components["responses"]["textree.403"];
            /** @description Refused; see the error codes. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["textree.Error"];
                };
            };
            413: components["responses"]["textree.413"];
            /** @description Refused; see the error codes. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["textree.Error"];
                };
            };
            429: components["responses"]["textree.429"];
            default: components["responses"]["textree.default"];
        };
    };
    textree_getUsage: {
        parameters: {
            query?: {
                /**
                 * @description Such as 2026-11; in UTC.
                 * @example 2026-11
                 */
                month?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The month’s figures. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        month: string;
                        messages: {
                            queued: number;
                            sent: number;
                            delivered: number;
                            failed: number;
                        };
                        segments: number;
                        cost_cents: number;
                        /** @description What counts against the limit: the cost, or what was estimated where that is more. */
                        committed_cents: number;
                        /** @description In cents; null: there is none. */
                        limit: number | null;
                    };
                };
            };
            401: components["responses"]["textree.401"];
            403: components["responses"]["textree.403"];
            /** @description Refused; see the error codes. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["textree.Error"];
                };
            };
            429: components["responses"]["textree.429"];
            default: components["responses"]["textree.default"];
        };
    };
    textree_getSpendLimit: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The most that a month may cost, or null. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        cents: number | null;
                    };
                };
            };
            401: components["responses"]["textree.401"];
            403: components["responses"]["textree.403"];
            429: components["responses"]["textree.429"];
            default: components["responses"]["textree.default"];
        };
    };
    textree_setSpendLimit: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "cents": 5000
                 *     }
                 */
                "application/json": {
                    /** @description The most that a month may cost; null: no limit. */
                    cents: number | null;
                };
            };
        };
        responses: {
            /** @description The most that a month may cost, or null. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        cents: number | null;
                    };
                };
            };
            401: components["responses"]["textree.401"];
            403: components["responses"]["textree.403"];
            413: components["responses"]["textree.413"];
            /** @description Refused; see the error codes. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["textree.Error"];
                };
            };
            429: components["responses"]["textree.429"];
            default: components["responses"]["textree.default"];
        };
    };
    mcp_health: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description They are. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        status: "ok";
                    };
                };
            };
            default: components["responses"]["mcp.default"];
        };
    };
    mcp_listTools: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All of them. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        tools: components["schemas"]["mcp.Tool"][];
                    };
                };
            };
            401: components["responses"]["mcp.401"];
            403: components["responses"]["mcp.403"];
            429: components["responses"]["mcp.429"];
            default: components["responses"]["mcp.default"];
        };
    };
    mcp_runTool: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The name of a tool, as the list of tools has it.
                 * @example messages.preview
                 */
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "params": {
                 *         "phone_number": "+15005550014",
                 *         "body": "Hello from Homing"
                 *       }
                 *     }
                 */
                "application/json": {
                    /** @description What the tool takes, as its input_schema says; left out: nothing. */
                    params?: Record<string, never>;
                };
            };
        };
        responses: {
            /** @description It is done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        tool: string;
                        /** @description What the tool gives, as its output_schema says. */
                        result: {
                            [key: string]: unknown;
                        };
                    };
                };
            };
            401: components["responses"]["mcp.401"];
            /** @description Refused; see the error codes. */
            402: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["mcp.Error"];
                };
            };
            /** @description Refused; see the error codes. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["mcp.Error"];
                };
            };
            /** @description Refused; see the error codes. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["mcp.Error"];
                };
            };
            413: components["responses"]["mcp.413"];
            /** @description Refused; see the error codes. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["mcp.Error"];
                };
            };
            429: components["responses"]["mcp.429"];
            /** @description Refused; see the error codes. */
            504: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["mcp.Error"];
                };
            };
            default: components["responses"]["mcp.default"];
        };
    };
    mcp_postMessage: {
        parameters: {
            query?: never;
            header?: {
                /** @description The version of the protocol that was agreed on. */
                "mcp-protocol-version"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "jsonrpc": "2.0",
                 *       "id": 1,
                 *       "method": "tools/list"
                 *     }
                 */
                "application/json": {
                    /** @constant */
                    jsonrpc: "2.0";
                    id?: string | number;
                    method?: string;
                    params?: {
                        [key: string]: unknown;
                    };
                } & {
                    [key: string]: unknown;
                };
            };
        };
        responses: {
            /** @description The answer to a request. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["mcp.JsonRpcResponse"];
                };
            };
            /** @description A notification was taken; there is nothing to answer. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Refused; see the error codes. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["mcp.JsonRpcError"];
                };
            };
            /** @description Refused; see the error codes. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["mcp.JsonRpcError"];
                };
            };
            /** @description Refused; see the error codes. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["mcp.JsonRpcError"];
                };
            };
            /** @description Refused; see the error codes. */
            406: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["mcp.JsonRpcError"];
                };
            };
            /** @description Refused; see the error codes. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["mcp.JsonRpcError"];
                };
            };
            /** @description Refused; see the error codes. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["mcp.JsonRpcError"];
                };
            };
            /** @description Refused; see the error codes. */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["mcp.JsonRpcError"];
                };
            };
            /** @description Refused; see the error codes. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["mcp.JsonRpcError"];
                };
            };
            default: components["responses"]["mcp.default"];
        };
    };
    inkbox_listNumbers: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All of them. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["inkbox.Number"][];
                };
            };
            /** @description Refused; `detail` says why. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["inkbox.Refusal"];
                };
            };
            403: components["responses"]["inkbox.403"];
            429: components["responses"]["inkbox.429"];
            default: components["responses"]["inkbox.default"];
        };
    };
    inkbox_listConversations: {
        parameters: {
            query?: {
                /**
                 * @description How many at most.
                 * @example 20
                 */
                limit?: number;
                /** @description How many are passed over. */
                offset?: number;
            };
            header?: never;
            path: {
                /**
                 * @description The id of one of your numbers.
                 * @example 019fb2b9-3a5d-7e4e-b36a-3f73d2b6c1a4
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["inkbox.Conversation"][];
                };
            };
            /** @description Refused; `detail` says why. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["inkbox.Refusal"];
                };
            };
            /** @description Refused; `detail` says why. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["inkbox.Refusal"];
                };
            };
            /** @description Refused; `detail` says why. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["inkbox.Refusal"];
                };
            };
            /** @description Every field that is not valid. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["inkbox.InvalidRequest"];
                };
            };
            429: components["responses"]["inkbox.429"];
            default: components["responses"]["inkbox.default"];
        };
    };
    inkbox_getConversation: {
        parameters: {
            query?: {
                /**
                 * @description How many at most.
                 * @example 20
                 */
                limit?: number;
                /** @description How many are passed over. */
                offset?: number;
            };
            header?: never;
            path: {
                /**
                 * @description The id of one of your numbers.
                 * @example 019fb2b9-3a5d-7e4e-b36a-3f73d2b6c1a4
                 */
                id: string;
                /**
                 * @description Whom the conversation is with, in E.164 format; or the id of a conversation, as groups have.
                 * @example +15005550014
                 */
                remote_number: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["inkbox.Text"][];
                };
            };
            /** @description Refused; `detail` says why. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["inkbox.Refusal"];
                };
            };
            /** @description Refused; `detail` says why. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["inkbox.Refusal"];
                };
            };
            /** @description Refused; `detail` says why. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["inkbox.Refusal"];
                };
            };
            /** @description Every field that is not valid. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["inkbox.InvalidRequest"];
                };
            };
            429: components["responses"]["inkbox.429"];
            default: components["responses"]["inkbox.default"];
        };
    };
    inkbox_updateConversation: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The id of one of your numbers.
                 * @example 019fb2b9-3a5d-7e4e-b36a-3f73d2b6c1a4
                 */
                id: string;
                /**
                 * @description Whom the conversation is with, in E.164 format; or the id of a conversation, as groups have.
                 * @example +15005550014
                 */
                remote_number: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "is_read": true
                 *     }
                 */
                "application/json": {
                    is_read: boolean;
                };
            };
        };
        responses: {
            /** @description How many were changed. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        remote_phone_number: string | null;
                        /** Format: uuid */
                        conversation_id: string;
                        is_read: boolean;
                        updated_count: number;
                    };
                };
            };
            /** @description Refused; `detail` says why. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["inkbox.Refusal"];
                };
            };
            /** @description Refused; `detail` says why. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["inkbox.Refusal"];
                };
            };
            /** @description Refused; `detail` says why. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["inkbox.Refusal"];
                };
            };
            413: components["responses"]["inkbox.413"];
            /** @description Every field that is not valid. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["inkbox.InvalidRequest"];
                };
            };
            429: components["responses"]["inkbox.429"];
            default: components["responses"]["inkbox.default"];
        };
    };
    inkbox_listTexts: {
        parameters: {
            query?: {
                /**
                 * @description How many at most.
                 * @example 20
                 */
                limit?: number;
                /** @description How many are passed over. */
                offset?: number;
                /**
                 * @description Only texts that were read, or that were not.
                 * @example false
                 */
                is_read?: boolean;
            };
            header?: never;
            path: {
                /**
                 * @description The id of one of your numbers.
                 * @example 019fb2b9-3a5d-7e4e-b36a-3f73d2b6c1a4
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["inkbox.Text"][];
                };
            };
            /** @description Refused; `detail` says why. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["inkbox.Refusal"];
                };
            };
            /** @description Refused; `detail` says why. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["inkbox.Refusal"];
                };
            };
            /** @description Refused; `detail` says why. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["inkbox.Refusal"];
                };
            };
            /** @description Every field that is not valid. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["inkbox.InvalidRequest"];
                };
            };
            429: components["responses"]["inkbox.429"];
            default: components["responses"]["inkbox.default"];
        };
    };
    inkbox_sendText: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The id of one of your numbers.
                 * @example 019fb2b9-3a5d-7e4e-b36a-3f73d2b6c1a4
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "to": "+15005550014",
                 *       "text": "Hello from Homing"
                 *     }
                 */
                "application/json": {
                    /**
                     * @description The recipient, in E.164 format.
                     * @example +14155550100
                     */
                    to: string;
                    text?: string | null;
                    media_urls?: string[] | null;
                };
            };
        };
        responses: {
            /** @description Queued, durably. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["inkbox.Text"];
                };
            };
            /** @description Refused; `detail` says why. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["inkbox.Refusal"];
                };
            };
            /** @description Refused; `detail` says why. */
            402: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["inkbox.Refusal"];
                };
            };
            /** @description Refused; `detail` says why. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["inkbox.Refusal"];
                };
            };
            /** @description Refused; `detail` says why. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["inkbox.Refusal"];
                };
            };
            /** @description Refused; `detail` says why. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["inkbox.Refusal"];
                };
            };
            413: components["responses"]["inkbox.413"];
            /** @description Every field that is not valid. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["inkbox.InvalidRequest"];
                };
            };
            /** @description Refused; `detail` says why. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["inkbox.Refusal"];
                };
            };
            default: components["responses"]["inkbox.default"];
        };
    };
    inkbox_searchTexts: {
        parameters: {
            query: {
                /**
                 * @description Words that must all be there; a phrase stands in quotation marks.
                 * @example dinner "on friday"
                 */
                q: string;
                /** @description How many at most. */
                limit?: number;
            };
            header?: never;
            path: {
                /**
                 * @description The id of one of your numbers.
                 * @example 019fb2b9-3a5d-7e4e-b36a-3f73d2b6c1a4
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The best matches. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["inkbox.Text"][];
                };
            };
            /** @description Refused; `detail` says why. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["inkbox.Refusal"];
                };
            };
            /** @description Refused; `detail` says why. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["inkbox.Refusal"];
                };
            };
            /** @description Refused; `detail` says why. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["inkbox.Refusal"];
                };
            };
            /** @description Every field that is not valid. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["inkbox.InvalidRequest"];
                };
            };
            429: components["responses"]["inkbox.429"];
            default: components["responses"]["inkbox.default"];
        };
    };
    inkbox_getText: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The id of one of your numbers.
                 * @example 019fb2b9-3a5d-7e4e-b36a-3f73d2b6c1a4
                 */
                id: string;
                /**
                 * @description The id of a text of that number.
                 * @example 019fb2b9-5c8f-7b21-9d0e-6f1f0f6a2b33
                 */
                text_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The text. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["inkbox.Text"];
                };
            };
            /** @description Refused; `detail` says why. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["inkbox.Refusal"];
                };
            };
            /** @description Refused; `detail` says why. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["inkbox.Refusal"];
                };
            };
            /** @description Refused; `detail` says why. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["inkbox.Refusal"];
                };
            };
            /** @description Every field that is not valid. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["inkbox.InvalidRequest"];
                };
            };
            429: components["responses"]["inkbox.429"];
            default: components["responses"]["inkbox.default"];
        };
    };
    inkbox_updateText: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The id of one of your numbers.
                 * @example 019fb2b9-3a5d-7e4e-b36a-3f73d2b6c1a4
                 */
                id: string;
                /**
                 * @description The id of a text of that number.
                 * @example 019fb2b9-5c8f-7b21-9d0e-6f1f0f6a2b33
                 */
                text_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "is_read": true
                 *     }
                 */
                "application/json": {
                    is_read?: boolean | null;
                    status?: "deleted" | null;
                };
            };
        };
        responses: {
            /** @description The text as it is now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["inkbox.Text"];
                };
            };
            /** @description Refused; `detail` says why. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["inkbox.Refusal"];
                };
            };
            /** @description Refused; `detail` says why. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["inkbox.Refusal"];
                };
            };
            /** @description Refused; `detail` says why. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["inkbox.Refusal"];
                };
            };
            413: components["responses"]["inkbox.413"];
            /** @description Every field that is not valid. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["inkbox.InvalidRequest"];
                };
            };
            429: components["responses"]["inkbox.429"];
            default: components["responses"]["inkbox.default"];
        };
    };
    textus_sendMessage: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "to": "+15005550014",
                 *       "body": "Hello from Homing"
                 *     }
                 */
                "application/json": components["schemas"]["textus.Send"];
            };
        };
        responses: {
            /** @description Accepted, for one recipient. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/vnd.textus+jsonld": components["schemas"]["textus.Message"];
                };
            };
            /** @description Accepted, one message for each of several recipients; no body. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            401: components["responses"]["textus.401"];
            /** @description Refused; the description says why. */
            402: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/vnd.textus+jsonld": components["schemas"]["textus.Error"];
                };
            };
            403: components["responses"]["textus.403"];
            /** @description Refused; the description says why. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/vnd.textus+jsonld": components["schemas"]["textus.Error"];
                };
            };
            413: components["responses"]["textus.413"];
            /** @description What is wrong with the fields. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/vnd.textus+jsonld": components["schemas"]["textus.Error"];
                };
            };
            /** @description Refused; the description says why. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/vnd.textus+jsonld": components["schemas"]["textus.Error"];
                };
            };
            default: components["responses"]["textus.default"];
        };
    };
    textus_sendAccountMessage: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The slug of the token’s account.
                 * @example default
                 */
                account: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "to": "+15005550014",
                 *       "body": "Hello from Homing"
                 *     }
                 */
                "application/json": components["schemas"]["textus.Send"];
            };
        };
        responses: {
            /** @description Accepted, for one recipient. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/vnd.textus+jsonld": components["schemas"]["textus.Message"];
                };
            };
            /** @description Accepted, one message for each of several recipients; no body. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            401: components["responses"]["textus.401"];
            /** @description Refused; the description says why. */
            402: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/vnd.textus+jsonld": components["schemas"]["textus.Error"];
                };
            };
            403: components["responses"]["textus.403"];
            /** @description Refused; the description says why. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/vnd.textus+jsonld": components["schemas"]["textus.Error"];
                };
            };
            413: components["responses"]["textus.413"];
            /** @description What is wrong with the fields. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/vnd.textus+jsonld": components["schemas"]["textus.Error"];
                };
            };
            /** @description Refused; the description says why. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/vnd.textus+jsonld": components["schemas"]["textus.Error"];
                };
            };
            default: components["responses"]["textus.default"];
        };
    };
    textus_getMessage: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The last part of what it is named by, without the path before it.
                 * @example 01m7ypkdxffkmb6tyeck3vccad
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The message. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/vnd.textus+jsonld": components["schemas"]["textus.Message"];
                };
            };
            401: components["responses"]["textus.401"];
            403: components["responses"]["textus.403"];
            /** @description Refused; the description says why. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/vnd.textus+jsonld": components["schemas"]["textus.Error"];
                };
            };
            429: components["responses"]["textus.429"];
            default: components["responses"]["textus.default"];
        };
    };
    textus_listAttachments: {
        parameters: {
            query?: {
                /** @description The cursor of the page before. */
                cursor?: string;
                /** @description Maximum number of rows. */
                limit?: number;
            };
            header?: never;
            path: {
                /**
                 * @description The last part of what it is named by, without the path before it.
                 * @example 01m7ypkdxffkmb6tyeck3vccad
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All of them. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/vnd.textus+jsonld": {
                        "@context": string;
                        /** @constant */
                        "@type": "hydra:Collection";
                        id: string;
                        members: components["schemas"]["textus.Attachment"][];
                        totalItems: number;
                        view: {
                            /** @constant */
                            "@type": "hydra:PartialCollectionView";
                            id: string;
                            next: string | null;
                        };
                        /** @description Of the next page; null: this is the last. */
                        cursor: string | null;
                    };
                };
            };
            401: components["responses"]["textus.401"];
            403: components["responses"]["textus.403"];
            /** @description Refused; the description says why. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/vnd.textus+jsonld": components["schemas"]["textus.Error"];
                };
            };
            /** @description What is wrong with the fields. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/vnd.textus+jsonld": components["schemas"]["textus.Error"];
                };
            };
            429: components["responses"]["textus.429"];
            default: components["responses"]["textus.default"];
        };
    };
    textus_getAttachment: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The last part of what it is named by, without the path before it.
                 * @example 01m7ypkdxffkmb6tyeck3vccad
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The attachment. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/vnd.textus+jsonld": components["schemas"]["textus.Attachment"];
                };
            };
            401: components["responses"]["textus.401"];
            403: components["responses"]["textus.403"];
            /** @description Refused; the description says why. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/vnd.textus+jsonld": components["schemas"]["textus.Error"];
                };
            };
            429: components["responses"]["textus.429"];
            default: components["responses"]["textus.default"];
        };
    };
    textus_listConversations: {
        parameters: {
            query?: {
                /** @description The cursor of the page before. */
                cursor?: string;
                /** @description Maximum number of rows. */
                limit?: number;
            };
            header?: never;
            path: {
                /**
                 * @description The slug of the token’s account.
                 * @example default
                 */
                account: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/vnd.textus+jsonld": {
                        "@context": string;
                        /** @constant */
                        "@type": "hydra:Collection";
                        id: string;
                        members: components["schemas"]["textus.Conversation"][];
                        totalItems: number;
                        view: {
                            /** @constant */
                            "@type": "hydra:PartialCollectionView";
                            id: string;
                            next: string | null;
                        };
                        /** @description Of the next page; null: this is the last. */
                        cursor: string | null;
                    };
                };
            };
            401: components["responses"]["textus.401"];
            403: components["responses"]["textus.403"];
            /** @description Refused; the description says why. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/vnd.textus+jsonld": components["schemas"]["textus.Error"];
                };
            };
            /** @description What is wrong with the fields. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/vnd.textus+jsonld": components["schemas"]["textus.Error"];
                };
            };
            429: components["responses"]["textus.429"];
            default: components["responses"]["textus.default"];
        };
    };
    textus_getConversation: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The last part of what it is named by, without the path before it.
                 * @example 01m7ypkdxffkmb6tyeck3vccad
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The conversation. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/vnd.textus+jsonld": components["schemas"]["textus.Conversation"];
                };
            };
            401: components["responses"]["textus.401"];
            403: components["responses"]["textus.403"];
            /** @description Refused; the description says why. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/vnd.textus+jsonld": components["schemas"]["textus.Error"];
                };
            };
            429: components["responses"]["textus.429"];
            default: components["responses"]["textus.default"];
        };
    };
    textus_listConversationMessages: {
        parameters: {
            query?: {
                /** @description The cursor of the page before. */
                cursor?: string;
                /** @description Maximum number of rows. */
                limit?: number;
            };
            header?: never;
            path: {
                /**
                 * @description The last part of what it is named by, without the path before it.
                 * @example 01m7ypkdxffkmb6tyeck3vccad
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/vnd.textus+jsonld": {
                        "@context": string;
                        /** @constant */
                        "@type": "hydra:Collection";
                        id: string;
                        members: components["schemas"]["textus.Message"][];
                        totalItems: number;
                        view: {
                            /** @constant */
                            "@type": "hydra:PartialCollectionView";
                            id: string;
                            next: string | null;
                        };
                        /** @description Of the next page; null: this is the last. */
                        cursor: string | null;
                    };
                };
            };
            401: components["responses"]["textus.401"];
            403: components["responses"]["textus.403"];
            /** @description Refused; the description says why. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/vnd.textus+jsonld": components["schemas"]["textus.Error"];
                };
            };
            /** @description What is wrong with the fields. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/vnd.textus+jsonld": components["schemas"]["textus.Error"];
                };
            };
            429: components["responses"]["textus.429"];
            default: components["responses"]["textus.default"];
        };
    };
    textus_listContacts: {
        parameters: {
            query?: {
                /** @description The cursor of the page before. */
                cursor?: string;
                /** @description Maximum number of rows. */
                limit?: number;
            };
            header?: never;
            path: {
                /**
                 * @description The slug of the token’s account.
                 * @example default
                 */
                account: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/vnd.textus+jsonld": {
                        "@context": string;
                        /** @constant */
                        "@type": "hydra:Collection";
                        id: string;
                        members: components["schemas"]["textus.Contact"][];
                        totalItems: number;
                        view: {
                            /** @constant */
                            "@type": "hydra:PartialCollectionView";
                            id: string;
                            next: string | null;
                        };
                        /** @description Of the next page; null: this is the last. */
                        cursor: string | null;
                    };
                };
            };
            401: components["responses"]["textus.401"];
            403: components["responses"]["textus.403"];
            /** @description Refused; the description says why. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/vnd.textus+jsonld": components["schemas"]["textus.Error"];
                };
            };
            /** @description What is wrong with the fields. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/vnd.textus+jsonld": components["schemas"]["textus.Error"];
                };
            };
            429: components["responses"]["textus.429"];
            default: components["responses"]["textus.default"];
        };
    };
    textus_createContact: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The slug of the token’s account.
                 * @example default
                 */
                account: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "firstName": "Ada",
                 *       "lastName": "Lovelace",
                 *       "phone": "+14155550101"
                 *     }
                 */
                "application/json": {
                    firstName?: string | null;
                    lastName?: string | null;
                    name?: string | null;
                    email?: string | null;
                    /** @description Null takes a field away; those that are not named stay. */
                    custom?: {
                        [key: string]: string | null;
                    };
                    /** @example +14155550100 */
                    phone: string;
                };
            };
        };
        responses: {
            /** @description The contact. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/vnd.textus+jsonld": components["schemas"]["textus.Contact"];
                };
            };
            401: components["responses"]["textus.401"];
            403: components["responses"]["textus.403"];
            /** @description Refused; the description says why. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/vnd.textus+jsonld": components["schemas"]["textus.Error"];
                };
            };
            /** @description Refused; the description says why. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/vnd.textus+jsonld": components["schemas"]["textus.Error"];
                };
            };
            413: components["responses"]["textus.413"];
            /** @description What is wrong with the fields. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/vnd.textus+jsonld": components["schemas"]["textus.Error"];
                };
            };
            429: components["responses"]["textus.429"];
            default: components["responses"]["textus.default"];
        };
    };
    textus_getContact: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The last part of what it is named by, without the path before it.
                 * @example 01m7ypkdxffkmb6tyeck3vccad
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The contact. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/vnd.textus+jsonld": components["schemas"]["textus.Contact"];
                };
            };
            401: components["responses"]["textus.401"];
            403: components["responses"]["textus.403"];
            /** @description Refused; the description says why. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/vnd.textus+jsonld": components["schemas"]["textus.Error"];
                };
            };
            429: components["responses"]["textus.429"];
            default: components["responses"]["textus.default"];
        };
    };
    textus_updateContact: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The last part of what it is named by, without the path before it.
                 * @example 01m7ypkdxffkmb6tyeck3vccad
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "custom": {
                 *         "plan": "gold"
                 *       }
                 *     }
                 */
                "application/json": {
                    firstName?: string | null;
                    lastName?: string | null;
                    name?: string | null;
                    email?: string | null;
                    /** @description Null takes a field away; those that are not named stay. */
                    custom?: {
                        [key: string]: string | null;
                    };
                    /** @example +14155550100 */
                    phone?: string;
                };
            };
        };
        responses: {
            /** @description The contact. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/vnd.textus+jsonld": components["schemas"]["textus.Contact"];
                };
            };
            401: components["responses"]["textus.401"];
            403: components["responses"]["textus.403"];
            /** @description Refused; the description says why. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/vnd.textus+jsonld": components["schemas"]["textus.Error"];
                };
            };
            /** @description Refused; the description says why. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/vnd.textus+jsonld": components["schemas"]["textus.Error"];
                };
            };
            413: components["responses"]["textus.413"];
            /** @description What is wrong with the fields. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/vnd.textus+jsonld": components["schemas"]["textus.Error"];
                };
            };
            429: components["responses"]["textus.429"];
            default: components["responses"]["textus.default"];
        };
    };
    textus_listUsers: {
        parameters: {
            query?: {
                /** @description The cursor of the page before. */
                cursor?: string;
                /** @description Maximum number of rows. */
                limit?: number;
            };
            header?: never;
            path: {
                /**
                 * @description The slug of the token’s account.
                 * @example default
                 */
                account: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/vnd.textus+jsonld": {
                        "@context": string;
                        /** @constant */
                        "@type": "hydra:Collection";
                        id: string;
                        members: components["schemas"]["textus.User"][];
                        totalItems: number;
                        view: {
                            /** @constant */
                            "@type": "hydra:PartialCollectionView";
                            id: string;
                            next: string | null;
                        };
                        /** @description Of the next page; null: this is the last. */
                        cursor: string | null;
                    };
                };
            };
            401: components["responses"]["textus.401"];
            403: components["responses"]["textus.403"];
            /** @description Refused; the description says why. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/vnd.textus+jsonld": components["schemas"]["textus.Error"];
                };
            };
            /** @description What is wrong with the fields. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/vnd.textus+jsonld": components["schemas"]["textus.Error"];
                };
            };
            429: components["responses"]["textus.429"];
            default: components["responses"]["textus.default"];
        };
    };
    textus_getUser: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The last part of what it is named by, without the path before it.
                 * @example 01m7ypkdxffkmb6tyeck3vccad
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The user. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/vnd.textus+jsonld": components["schemas"]["textus.User"];
                };
            };
            401: components["responses"]["textus.401"];
            403: components["responses"]["textus.403"];
            /** @description Refused; the description says why. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/vnd.textus+jsonld": components["schemas"]["textus.Error"];
                };
            };
            429: components["responses"]["textus.429"];
            default: components["responses"]["textus.default"];
        };
    };
    textus_updateUser: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The last part of what it is named by, without the path before it.
                 * @example 01m7ypkdxffkmb6tyeck3vccad
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "custom": {
                 *         "scheduling_link": "https://calendly.com/ada"
                 *       }
                 *     }
                 */
                "application/json": {
                    name?: string;
                    email?: string | null;
                    /** @description Null takes a field away; those that are not named stay. */
                    custom?: {
                        [key: string]: string | null;
                    };
                };
            };
        };
        responses: {
            /** @description The user. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/vnd.textus+jsonld": components["schemas"]["textus.User"];
                };
            };
            401: components["responses"]["textus.401"];
            403: components["responses"]["textus.403"];
            /** @description Refused; the description says why. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/vnd.textus+jsonld": components["schemas"]["textus.Error"];
                };
            };
            413: components["responses"]["textus.413"];
            /** @description What is wrong with the fields. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/vnd.textus+jsonld": components["schemas"]["textus.Error"];
                };
            };
            429: components["responses"]["textus.429"];
            default: components["responses"]["textus.default"];
        };
    };
    textus_listSavedReplies: {
        parameters: {
            query?: {
                /** @description The cursor of the page before. */
                cursor?: string;
                /** @description Maximum number of rows. */
                limit?: number;
            };
            header?: never;
            path: {
                /**
                 * @description The last part of what it is named by, without the path before it.
                 * @example 01m7ypkdxffkmb6tyeck3vccad
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/vnd.textus+jsonld": {
                        "@context": string;
                        /** @constant */
                        "@type": "hydra:Collection";
                        id: string;
                        members: components["schemas"]["textus.SavedReply"][];
                        totalItems: number;
                        view: {
                            /** @constant */
                            "@type": "hydra:PartialCollectionView";
                            id: string;
                            next: string | null;
                        };
                        /** @description Of the next page; null: this is the last. */
                        cursor: string | null;
                    };
                };
            };
            401: components["responses"]["textus.401"];
            403: components["responses"]["textus.403"];
            /** @description Refused; the description says why. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/vnd.textus+jsonld": components["schemas"]["textus.Error"];
                };
            };
            /** @description What is wrong with the fields. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/vnd.textus+jsonld": components["schemas"]["textus.Error"];
                };
            };
            429: components["responses"]["textus.429"];
            default: components["responses"]["textus.default"];
        };
    };
    textus_createSavedReply: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The last part of what it is named by, without the path before it.
                 * @example 01m7ypkdxffkmb6tyeck3vccad
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "title": "Thanks",
                 *       "body": "Thank you, {{contact.first_name}}!"
                 *     }
                 */
                "application/json": {
                    title: string;
                    body: string;
                };
            };
        };
        responses: {
            /** @description The saved reply. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/vnd.textus+jsonld": components["schemas"]["textus.SavedReply"];
                };
            };
            401: components["responses"]["textus.401"];
            403: components["responses"]["textus.403"];
            /** @description Refused; the description says why. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/vnd.textus+jsonld": components["schemas"]["textus.Error"];
                };
            };
            413: components["responses"]["textus.413"];
            /** @description What is wrong with the fields. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/vnd.textus+jsonld": components["schemas"]["textus.Error"];
                };
            };
            429: components["responses"]["textus.429"];
            default: components["responses"]["textus.default"];
        };
    };
    textus_getSavedReply: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The last part of what it is named by, without the path before it.
                 * @example 01m7ypkdxffkmb6tyeck3vccad
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The saved reply. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/vnd.textus+jsonld": components["schemas"]["textus.SavedReply"];
                };
            };
            401: components["responses"]["textus.401"];
            403: components["responses"]["textus.403"];
            /** @description Refused; the description says why. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/vnd.textus+jsonld": components["schemas"]["textus.Error"];
                };
            };
            429: components["responses"]["textus.429"];
            default: components["responses"]["textus.default"];
        };
    };
    textus_listIntegrations: {
        parameters: {
            query?: {
                /** @description The cursor of the page before. */
                cursor?: string;
                /** @description Maximum number of rows. */
                limit?: number;
            };
            header?: never;
            path: {
                /**
                 * @description The slug of the token’s account.
                 * @example default
                 */
                account: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/vnd.textus+jsonld": {
                        "@context": string;
                        /** @constant */
                        "@type": "hydra:Collection";
                        id: string;
                        members: components["schemas"]["textus.Integration"][];
                        totalItems: number;
                        view: {
                            /** @constant */
                            "@type": "hydra:PartialCollectionView";
                            id: string;
                            next: string | null;
                        };
                        /** @description Of the next page; null: this is the last. */
                        cursor: string | null;
                    };
                };
            };
            401: components["responses"]["textus.401"];
            403: components["responses"]["textus.403"];
            /** @description Refused; the description says why. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/vnd.textus+jsonld": components["schemas"]["textus.Error"];
                };
            };
            /** @description What is wrong with the fields. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/vnd.textus+jsonld": components["schemas"]["textus.Error"];
                };
            };
            429: components["responses"]["textus.429"];
            default: components["responses"]["textus.default"];
        };
    };
    textus_createIntegration: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The slug of the token’s account.
                 * @example default
                 */
                account: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "provider": "webhook",
                 *       "config": {
                 *         "baseUrl": "https://example.com/textus"
                 *       }
                 *     }
                 */
                "application/json": {
                    /** @enum {string} */
                    provider: "webhook";
                    config: {
                        /** Format: uri */
                        baseUrl: string;
                    };
                    settings?: {
                        actions?: {
                            "message.received"?: boolean;
                            "message.delivered"?: boolean;
                            "message.failed"?: boolean;
                            "contact.opted_out"?: boolean;
                            "contact.opted_in"?: boolean;
                        };
                    };
                };
            };
        };
        responses: {
            /** @description The integration. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/vnd.textus+jsonld": components["schemas"]["textus.Integration"];
                };
            };
            401: components["responses"]["textus.401"];
            403: components["responses"]["textus.403"];
            /** @description Refused; the description says why. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/vnd.textus+jsonld": components["schemas"]["textus.Error"];
                };
            };
            /** @description Refused; the description says why. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/vnd.textus+jsonld": components["schemas"]["textus.Error"];
                };
            };
            413: components["responses"]["textus.413"];
            /** @description What is wrong with the fields. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/vnd.textus+jsonld": components["schemas"]["textus.Error"];
                };
            };
            429: components["responses"]["textus.429"];
            default: components["responses"]["textus.default"];
        };
    };
    textus_getIntegration: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The last part of what it is named by, without the path before it.
                 * @example 01m7ypkdxffkmb6tyeck3vccad
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The integration. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/vnd.textus+jsonld": components["schemas"]["textus.Integration"];
                };
            };
            401: components["responses"]["textus.401"];
            403: components["responses"]["textus.403"];
            /** @description Refused; the description says why. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/vnd.textus+jsonld": components["schemas"]["textus.Error"];
                };
            };
            429: components["responses"]["textus.429"];
            default: components["responses"]["textus.default"];
        };
    };
    textus_deleteIntegration: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The last part of what it is named by, without the path before it.
                 * @example 01m7ypkdxffkmb6tyeck3vccad
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Removed. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            401: components["responses"]["textus.401"];
            403: components["responses"]["textus.403"];
            /** @description Refused; the description says why. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/vnd.textus+jsonld": components["schemas"]["textus.Error"];
                };
            };
            429: components["responses"]["textus.429"];
            default: components["responses"]["textus.default"];
        };
    };
    textus_updateIntegration: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The last part of what it is named by, without the path before it.
                 * @example 01m7ypkdxffkmb6tyeck3vccad
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "settings": {
                 *         "actions": {
                 *           "message.delivered": false
                 *         }
                 *       }
                 *     }
                 */
                "application/json": {
                    config?: {
                        /** Format: uri */
                        baseUrl?: string;
                    };
                    settings?: {
                        actions?: {
                            "message.received"?: boolean;
                            "message.delivered"?: boolean;
                            "message.failed"?: boolean;
                            "contact.opted_out"?: boolean;
                            "contact.opted_in"?: boolean;
                        };
                    };
                };
            };
        };
        responses: {
            /** @description The integration. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/vnd.textus+jsonld": components["schemas"]["textus.Integration"];
                };
            };
            401: components["responses"]["textus.401"];
            403: components["responses"]["textus.403"];
            /** @description Refused; the description says why. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/vnd.textus+jsonld": components["schemas"]["textus.Error"];
                };
            };
            /** @description Refused; the description says why. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/vnd.textus+jsonld": components["schemas"]["textus.Error"];
                };
            };
            413: components["responses"]["textus.413"];
            /** @description What is wrong with the fields. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/vnd.textus+jsonld": components["schemas"]["textus.Error"];
                };
            };
            429: components["responses"]["textus.429"];
            default: components["responses"]["textus.default"];
        };
    };
    textus_listAccounts: {
        parameters: {
            query?: {
                /** @description The cursor of the page before. */
                cursor?: string;
                /** @description Maximum number of rows. */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The one of the token. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/vnd.textus+jsonld": {
                        "@context": string;
                        /** @constant */
                        "@type": "hydra:Collection";
                        id: string;
                        members: components["schemas"]["textus.Account"][];
                        totalItems: number;
                        view: {
                            /** @constant */
                            "@type": "hydra:PartialCollectionView";
                            id: string;
                            next: string | null;
                        };
                        /** @description Of the next page; null: this is the last. */
                        cursor: string | null;
                    };
                };
            };
            401: components["responses"]["textus.401"];
            403: components["responses"]["textus.403"];
            /** @description What is wrong with the fields. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/vnd.textus+jsonld": components["schemas"]["textus.Error"];
                };
            };
            429: components["responses"]["textus.429"];
            default: components["responses"]["textus.default"];
        };
    };
    textus_getAccount: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The slug of the token’s account.
                 * @example default
                 */
                slug: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The account. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/vnd.textus+jsonld": components["schemas"]["textus.Account"];
                };
            };
            401: components["responses"]["textus.401"];
            403: components["responses"]["textus.403"];
            /** @description Refused; the description says why. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/vnd.textus+jsonld": components["schemas"]["textus.Error"];
                };
            };
            429: components["responses"]["textus.429"];
            default: components["responses"]["textus.default"];
        };
    };
    textus_listWhatsappTemplates: {
        parameters: {
            query?: {
                /** @description The cursor of the page before. */
                cursor?: string;
                /** @description Maximum number of rows. */
                limit?: number;
            };
            header?: never;
            path: {
                /**
                 * @description The slug of the token’s account.
                 * @example default
                 */
                account: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/vnd.textus+jsonld": {
                        "@context": string;
                        /** @constant */
                        "@type": "hydra:Collection";
                        id: string;
                        members: components["schemas"]["textus.WhatsAppTemplate"][];
                        totalItems: number;
                        view: {
                            /** @constant */
                            "@type": "hydra:PartialCollectionView";
                            id: string;
                            next: string | null;
                        };
                        /** @description Of the next page; null: this is the last. */
                        cursor: string | null;
                    };
                };
            };
            401: components["responses"]["textus.401"];
            403: components["responses"]["textus.403"];
            /** @description Refused; the description says why. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/vnd.textus+jsonld": components["schemas"]["textus.Error"];
                };
            };
            /** @description What is wrong with the fields. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/vnd.textus+jsonld": components["schemas"]["textus.Error"];
                };
            };
            429: components["responses"]["textus.429"];
            default: components["responses"]["textus.default"];
        };
    };
    textus_getWhatsappTemplate: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The last part of what it is named by, without the path before it.
                 * @example 01m7ypkdxffkmb6tyeck3vccad
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The template. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/vnd.textus+jsonld": components["schemas"]["textus.WhatsAppTemplate"];
                };
            };
            401: components["responses"]["textus.401"];
            403: components["responses"]["textus.403"];
            /** @description Refused; the description says why. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/vnd.textus+jsonld": components["schemas"]["textus.Error"];
                };
            };
            429: components["responses"]["textus.429"];
            default: components["responses"]["textus.default"];
        };
    };
    textus_getContext: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The type, with .jsonld behind it.
                 * @example Message.jsonld
                 */
                file: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The context. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/vnd.textus+jsonld": {
                        "@context": {
                            [key: string]: unknown;
                        };
                    };
                };
            };
            /** @description Refused; the description says why. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/vnd.textus+jsonld": components["schemas"]["textus.Error"];
                };
            };
            default: components["responses"]["textus.default"];
        };
    };
    media_getMedia: {
        parameters: {
            query: {
                /**
                 * @description When the link ends.
                 * @example 1794000000000
                 */
                expires: string;
                /**
                 * @description What shows that the link was given out by this broker.
                 * @example jQ1cT0vWb2r9zK4mYxN8sL6pHd3eUaFgOiRtBqCwE5M
                 */
                signature: string;
            };
            header?: never;
            path: {
                /**
                 * @description The id of the attachment, as the link has it.
                 * @example med_01m7ypkdxffkmb6tyeck3vccad
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The file, as what it is. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "*/*": unknown;
                };
            };
            /** @description The link has ended, or was changed. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["media.Error"];
                };
            };
            /** @description There is no such attachment. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["media.Error"];
                };
            };
            /** @description The sender’s address does not give it. */
            502: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["media.Error"];
                };
            };
            default: components["responses"]["media.default"];
        };
    };
    status_health: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        status: string;
                    };
                };
            };
            default: components["responses"]["status.default"];
        };
    };
    status_readiness: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It does. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        status: string;
                    };
                };
            };
            /** @description Not now. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["status.Error"];
                };
            };
            default: components["responses"]["status.default"];
        };
    };
}
