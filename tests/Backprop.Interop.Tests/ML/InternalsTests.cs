using System.Reflection;
using System.Runtime.CompilerServices;
using Backprop.ML;
using Microsoft.ML;

namespace Backprop.Interop.Tests.ML;

/// <summary>Backprop.ML stands on ML.NET's internals; when a version of ML.NET changes one, these tests name it.</summary>
public class InternalsTests
{
    private static readonly Assembly Ours = typeof(MultilayerPerceptronOptions).Assembly;

    [Fact]
    public void EveryMemberOfMLNetThatIsUsedExists()
    {
        // Compiling a method looks up all it uses; generic types are compiled for the types that derive from them.
        var missing = new List<string>();
        foreach (var type in Ours.GetTypes().Where(type => !type.ContainsGenericParameters).SelectMany(WithBases).Distinct())
        {
            var members = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;
            foreach (var method in type.GetMembers(members).OfType<MethodBase>().Where(m => !m.IsAbstract && !m.ContainsGenericParameters))
            {
                try
                {
                    RuntimeHelpers.PrepareMethod(method.MethodHandle, [.. type.GetGenericArguments().Select(argument => argument.TypeHandle)]);
                }
                catch (Exception e) when (e is MissingMemberException or TypeLoadException)
                {
                    missing.Add($"{type}.{method.Name}: {e.Message}");
                }
            }
        }

        Assert.Empty(missing);
    }

    [Theory, MemberData(nameof(TrainerTask.All), MemberType = typeof(TrainerTask))]
    public void CancelExecutionStopsTraining(TrainerTask task)
    {
        var context = new MLContext();
        var cancel = typeof(MLContext).GetMethod("CancelExecution", BindingFlags.NonPublic | BindingFlags.Instance)!;
        var epochs = 0;
        Assert.ThrowsAny<OperationCanceledException>(() => task.Fit(context, Row.Many(200), options => options.Progress = report =>
        {
            epochs = report.Epoch;
            cancel.Invoke(context, null);
        }));
        Assert.Equal(1, epochs);
    }

    private static IEnumerable<Type> WithBases(Type type)
    {
        for (var t = type; t is not null && t.Assembly == Ours; t = t.BaseType)
        {
            yield return t;
        }
    }
}
