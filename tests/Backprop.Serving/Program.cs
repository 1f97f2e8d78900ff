using Backprop.Serving;

await using var service = ClassifierService.Create(args);
await service.RunAsync();
