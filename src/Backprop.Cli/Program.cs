using Backprop.Cli;

using var signals = new StopSignals();
return BackpropTool.Run(args, Console.Out, Console.Error, signals.Token);
