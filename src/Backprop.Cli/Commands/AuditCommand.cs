using System.CommandLine;
using System.Diagnostics;
using Backprop.Cli.Auditing;
using Backprop.Cli.Report;

namespace Backprop.Cli.Commands;

/// <summary><c>audit</c>: the gradients and the first steps of a network of the user's choice, or everything there is, beside libtorch's.</summary>
internal static class AuditCommand
{
    /// <summary>Describes the command.</summary>
    public static Command Create(Session session)
    {
        var all = Choices.Flag("--all", "Everything: each formula, loss, layer and optimizer, conventions, defects put in on purpose, random networks, trainings.");
        var (networks, plan, threads, vectorBits) = (new NetworkChoices(), new PlanChoices(), Choices.Threads(), Choices.VectorBits());
        var command = new Command("audit", "Compares every gradient and the first steps with libtorch's; exit code 1 when a check speaks against this engine.");
        foreach (var option in (Option[])[.. networks.All, all, .. plan.All, threads, vectorBits])
        {
            command.Add(option);
        }

        var files = new AuditFiles(command);
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(all) == true)
            {
                NetworkChoices.RequireNone(parsed, "says nothing with --all", [.. networks.All, threads, vectorBits]);
                return AuditAll.Run(session, parsed, plan.Read(parsed), files);
            }

            NetworkChoices.RequireNone(parsed, "belongs to --all", plan.Own);
            using var outputs = files.Reserve(parsed, networks.Input(parsed));
            var network = networks.Read(parsed, plan.Read(parsed).Seed);
            var clock = Stopwatch.StartNew();
            var run = AuditRun.Of(network, Choices.Engine(parsed.GetValue(threads), parsed.GetValue(vectorBits)), session.Cancellation);
            run.Show(session);
            files.Write(
                parsed,
                outputs,
                run.Result,
                clock.Elapsed.TotalSeconds,
                stream => run.Write(stream, network.Model, plan.Read(parsed).Seed),
                stream => AuditReport.Write(stream, $"{network.Model}", run.Result, About(network)));
            return run.ExitCode;
        });
        return command;
    }

    private static IEnumerable<(string Name, string Value)> About(AuditedNetwork network) =>
    [
        ("Network", $"{network.Model}, {network.Model.Parameters:N0} weights, {string.Join(", ", network.Model.HeadOutputs.Select(output => output.Head))}"),
        ("Weights", network.Source),
        ("Rows", network.BatchSource),
    ];
}
