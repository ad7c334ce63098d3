// A real issuer of tokens (OpenID Connect) on loopback, which asks nobody anything: it names who it is told to.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import Provider from "oidc-provider";

export interface Named {
  email: string;
  isVerified: boolean;
}

export const CLIENT = { id: "ubiquitous", secret: "a secret of tests alone" };

export class Issuer {
  readonly url: string;
  /** Whom it names next; nobody: it refuses. */
  named: Named | null = null;
  /** It answers nothing but that it cannot. */
  isAway = false;
  /** What it does to each answer of its token endpoint. */
  tampered: (body: string) => string = (body) => body;
  private readonly server: Server;

  private constructor(server: Server) {
    this.server = server;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  static async start(): Promise<Issuer> {
    const server = createServer();
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    return new Issuer(server);
  }

  /** Answers from now on, for a client that is at an address. */
  serve(client: string): void {
    const provider = new Provider(this.url, {
      clients: [{ client_id: CLIENT.id, client_secret: CLIENT.secret, redirect_uris: [`${client}/api/v1/oidc/callback`], response_types: ["code"], grant_types: ["authorization_code"] }],
      claims: { openid: ["sub"], email: ["email", "email_verified"] },
      scopes: ["openid", "email", "profile"],
      features: { devInteractions: { enabled: false } },
      pkce: { required: () => true },
      cookies: { keys: ["a key of tests alone"] },
      findAccount: (_context, sub) => ({ accountId: sub, claims: () => ({ sub, email: this.named?.email, email_verified: this.named?.isVerified }) }),
      interactions: { url: (_context, interaction) => `/interaction/${interaction.uid}` },
    });
    const callback = provider.callback();
    this.server.on("request", (request: IncomingMessage, response: ServerResponse) => {
      if (this.isAway) {
        response.writeHead(503).end();
        return;
      }
      if (request.url?.startsWith("/interaction/")) {
        void this.decide(provider, request, response);
        return;
      }
      if (request.url === "/token") this.tamper(response);
      void callback(request, response);
    });
  }

  private async decide(provider: Provider, request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (this.named === null) {
      await provider.interactionFinished(request, response, { error: "access_denied" });
      return;
    }
    const accountId = `subject-of-${this.named.email}`;
    const grant = new provider.Grant({ accountId, clientId: CLIENT.id });
    grant.addOIDCScope("openid email profile");
    const result = { login: { accountId, remember: false }, consent: { grantId: await grant.save() } };
    await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
  }

  private tamper(response: ServerResponse): void {
    const end = response.end.bind(response);
    response.end = ((body: unknown) => {
      const text = this.tampered(String(body));
      response.setHeader("content-length", Buffer.byteLength(text));
      return end(text);
    }) as typeof response.end;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((done) => this.server.close(done));
  }
}
