throw Object.assign(new Error('the script is broken'), { code: 'BROKEN' });
