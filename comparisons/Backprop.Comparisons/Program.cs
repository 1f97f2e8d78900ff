using Backprop.Cli;
using Backprop.Comparisons.Ablation;
using Backprop.Comparisons.Benchmarks;
using Backprop.Comparisons.Fitting;
using Backprop.Comparisons.MachineLearning;
using Backprop.Comparisons.Quick;
using Backprop.Comparisons.Sweeping;

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

    case ["sweep", ..]:
        using (var signals = new StopSignals())
        {
            return SweepCommand.Run(args, Console.Out, Console.Error, signals.Token);
        }

    case ["ablation", ..]:
        using (var signals = new StopSignals())
        {
            return AblationCommand.Run(args, Console.Out, Console.Error, signals.Token);
        }

    case [SweepCommand.Worker, var folder, .. var numbers]:
        var of = Array.ConvertAll(numbers, long.Parse);
        return SweepCommand.Work(new(folder, of[0], of[1], of[2]), (int)of[3], (int)of[4]);
    default:
        return LongRun.Start(args);
}
