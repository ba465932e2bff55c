"""What Despliegue knows: definitions, schemas, the registry and jobs, free of frameworks and of the cloud."""
