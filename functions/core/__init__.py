"""The knowledge of Despliegue: definitions, schemas, the registry and jobs, free of frameworks and of the cloud."""
