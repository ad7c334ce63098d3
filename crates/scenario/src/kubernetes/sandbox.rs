//! A manifest as people write it by hand: two workloads that are declared and not yet deployed.

/// YAML of the sandbox: one declared call, from `sandbox-api` to `sandbox-worker`.
pub const MANIFEST: &str = r#"# Try-out of the returns assistant. Not deployed yet.
apiVersion: v1
kind: Namespace
metadata:
  name: sandbox
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: sandbox-api
  namespace: sandbox
  labels: &api
    app.kubernetes.io/name: sandbox-api
    app.kubernetes.io/part-of: delivery
spec:
  replicas: 2
  selector:
    matchLabels:
      app.kubernetes.io/name: sandbox-api
  template:
    metadata:
      labels: *api
    spec:
      containers:
        - name: api
          image: "ghcr.io/larkfield/sandbox-api:0.1.0"
          env:
            - { name: WORKER_ADDR, value: "sandbox-worker:9000" }
            - name: GREETING
              value: >-
                Hello from
                the sandbox
---
apiVersion: v1
kind: Service
metadata:
  name: sandbox-api
  namespace: sandbox
spec:
  selector: { app.kubernetes.io/name: sandbox-api }
  ports:
    - port: 80
      targetPort: 8080
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: sandbox-worker
  namespace: sandbox
  labels:
    app.kubernetes.io/name: sandbox-worker
    app.kubernetes.io/part-of: delivery
spec:
  replicas: 1
  selector:
    matchLabels:
      app.kubernetes.io/name: sandbox-worker
  template:
    metadata:
      labels:
        app.kubernetes.io/name: sandbox-worker
    spec:
      containers:
        - name: worker
          image: "ghcr.io/larkfield/sandbox-worker:0.1.0"
          ports:
            - containerPort: 9000
---
apiVersion: v1
kind: Service
metadata:
  name: sandbox-worker
  namespace: sandbox
spec:
  selector:
    app.kubernetes.io/name: sandbox-worker
  ports:
    - port: 9000
"#;
