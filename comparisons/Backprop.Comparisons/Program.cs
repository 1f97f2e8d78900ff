using Backprop.Cli;
using Backprop.Comparisons;
using Backprop.Comparisons.Fitting;
using Backprop.Comparisons.MachineLearning;
using Backprop.Comparisons.Sweeping;

// What other processes of this program are started with; then the commands.
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
    case [SweepCommand.Worker, var folder, .. var numbers]:
        var of = Array.ConvertAll(numbers, long.Parse);
        return SweepCommand.Work(new(folder, of[0], of[1], of[2]), (int)of[3], (int)of[4]);
    default:
        using (var signals = new StopSignals())
        {
            return Comparer.Run(args, Console.Out, Console.Error, signals.Token);
        }
}
