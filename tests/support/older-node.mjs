// Loaded before everything else, it makes a process believe that it runs on an older Node.
Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.0.0' } });
