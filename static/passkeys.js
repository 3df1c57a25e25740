// Passkeys on our pages: the only script there is. Without it, or in a browser that has no passkeys, what is for passkeys
// alone stays hidden and everything else works.
//
//   <div data-passkey="sign-in" data-next="/account" hidden>   a button in it signs in; with data-conditional the field
//                                                               with autocomplete="username webauthn" offers passkeys too
//   <form data-passkey="register" data-next="..." hidden>       its button makes a passkey, called as the field `name` says
//
// In each, <p role="status" data-passkey-status> says what went wrong, in the words of data-failed, data-unknown,
// data-exists, data-limited and data-step-up, and of data-cancelled where the reader may have meant it.
"use strict";

(() => {
    const isThere = window.PublicKeyCredential
        && PublicKeyCredential.parseCreationOptionsFromJSON && PublicKeyCredential.parseRequestOptionsFromJSON;
    if (!isThere) return;

    // What a code of the API is said by.
    const words = {
        passkey_unknown: "unknown", passkey_exists: "exists", too_many_passkeys: "limited",
        too_many_attempts: "limited", step_up_required: "stepUp",
    };
    let waiting = null;

    class Refusal extends Error {
        constructor(code) { super(code); this.code = code; }
    }

    async function post(path, body) {
        const answer = await fetch(path, {
            method: "POST", credentials: "same-origin",
            headers: body ? {"Accept": "application/json", "Content-Type": "application/json"}
                : {"Accept": "application/json"},
            body: body && JSON.stringify(body),
        });
        const document = await answer.json().catch(() => ({}));
        if (!answer.ok) throw new Refusal(document.code);
        return document;
    }

    // A page has one ceremony at a time: the one that waits in the field ends for the one of a button.
    function takeTurn() {
        if (waiting) waiting.abort();
        waiting = new AbortController();
        return waiting.signal;
    }

    async function signIn(place, mediation) {
        const options = await post("/login/passkey/options");
        const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
        const credential = await navigator.credentials.get({publicKey, mediation, signal: takeTurn()});
        try {
            const answer = await post("/login/passkey", {credential: credential.toJSON()});
            location.assign(answer.next || place.dataset.next || "/account");
        } catch (error) {
            if (error.code === "passkey_unknown" && PublicKeyCredential.signalUnknownCredential) {
                await PublicKeyCredential.signalUnknownCredential({rpId: options.rpId, credentialId: credential.id})
                    .catch(() => {});
            }
            throw error;
        }
    }

    async function register(place) {
        const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(await post("/me/passkeys/options"));
        const credential = await navigator.credentials.create({publicKey, signal: takeTurn()});
        const name = place.elements.name?.value.trim();
        await post("/me/passkeys", {...(name ? {name} : {}), credential: credential.toJSON()});
        location.assign(place.dataset.next || location.href);
    }

    function say(place, error) {
        // Another ceremony took the turn.
        if (error.name === "AbortError") return;
        const key = error.name === "NotAllowedError" ? "cancelled"
            : error.name === "InvalidStateError" ? "exists" : words[error.code] || "failed";
        const status = place.querySelector("[data-passkey-status]");
        if (status) status.textContent = place.dataset[key] || place.dataset.failed || "";
    }

    async function attempt(place, ceremony) {
        const buttons = place.querySelectorAll("button");
        const status = place.querySelector("[data-passkey-status]");
        if (status) status.textContent = "";
        for (const button of buttons) button.disabled = true;
        try {
            await ceremony();
        } catch (error) {
            say(place, error);
        } finally {
            for (const button of buttons) button.disabled = false;
        }
    }

    async function offerInField(place) {
        if (!await PublicKeyCredential.isConditionalMediationAvailable?.()) return;
        try {
            await signIn(place, "conditional");
        } catch (error) {
            // Nobody has asked for this one, so only what a person chose is spoken of.
            if (error instanceof Refusal) say(place, error);
        }
    }

    for (const place of document.querySelectorAll("[data-passkey]")) {
        place.hidden = false;
        if (place.dataset.passkey === "register") {
            place.addEventListener("submit", event => {
                event.preventDefault();
                attempt(place, () => register(place));
            });
        } else {
            place.querySelector("button").addEventListener("click", event => {
                event.preventDefault();
                attempt(place, () => signIn(place));
            });
            if ("conditional" in place.dataset) offerInField(place);
        }
    }
})();
