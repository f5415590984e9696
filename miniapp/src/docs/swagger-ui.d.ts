/** The few of Swagger UI's options that we set; the package ships no types. */
declare module "swagger-ui-dist/swagger-ui-es-bundle.js" {
  interface Options {
    url: string;
    dom_id: string;
    deepLinking: boolean;
    tryItOutEnabled: boolean;
    displayRequestDuration: boolean;
    defaultModelsExpandDepth: number;
    /** Null: no question to a validator on the internet. */
    validatorUrl: null;
  }
  export default function SwaggerUI(options: Options): unknown;
}
