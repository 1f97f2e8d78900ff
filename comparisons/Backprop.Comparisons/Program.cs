using Backprop.Cli;
using Backprop.Comparisons.Benchmarks;
using Backprop.Comparisons.Fitting;
using Backprop.Comparisons.MachineLearning;
using Backprop.Comparisons.Quick;

switch (args)
{
    case [FirstFitCase.Command, var door]:
        FirstFitCase.Report(door, Console.Out);
        return BackpropTool.Ok;
    case [TextCase.Command, var trainer]:
        TextCase.Report(trainer, Console.Out);
        return BackpropTool.Ok;
    case [StreamingCase.Command, var isCapped]:
        StreamingCase.Report(bool.Parse(isCapped), Console.Out);
        return BackpropTool.Ok;
    case ["quick", ..]:
        using (var signals = new StopSignals())
        {
            return QuickCommand.Run(args, Console.Out, Console.Error, signals.Token);
        }

    default:
        return LongRun.Start(args);
}
