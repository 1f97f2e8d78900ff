using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;
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
        using var file = new PEReader(File.OpenRead(Ours.Location));
        var metadata = file.GetMetadataReader();
        var handles = metadata.MemberReferences.Select(h => (EntityHandle)h).Concat(metadata.TypeReferences.Select(h => (EntityHandle)h));
        // Members of generic types are resolved where type parameters are in scope: those of any type do.
        var parameters = typeof(MultilayerPerceptronTrainer<,>).GetGenericArguments();
        var missing = new List<string>();
        foreach (var token in handles.Select(handle => MetadataTokens.GetToken(handle)))
        {
            try
            {
                Ours.ManifestModule.ResolveMember(token, parameters, parameters);
            }
            catch (Exception e) when (e is MissingMemberException or TypeLoadException)
            {
                missing.Add(e.Message);
            }
        }

        Assert.Empty(missing);
    }

    [Fact]
    public void TheRuntimeGrantsAccessToEveryMemberThatIsUsed()
    {
        // Compiling a method checks access to all it uses; generic ones are compiled for the types that derive from them.
        var refused = new List<string>();
        foreach (var type in Ours.GetTypes().Where(type => !type.ContainsGenericParameters).SelectMany(WithBases).Distinct())
        {
            var members = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;
            foreach (var method in type.GetMembers(members).OfType<MethodBase>().Where(m => !m.IsAbstract && !m.ContainsGenericParameters))
            {
                try
                {
                    RuntimeHelpers.PrepareMethod(method.MethodHandle, [.. type.GetGenericArguments().Select(argument => argument.TypeHandle)]);
                }
                catch (Exception e) when (e is MemberAccessException or TypeLoadException)
                {
                    refused.Add($"{type}.{method.Name}: {e.Message}");
                }
            }
        }

        Assert.Empty(refused);
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

    [Theory, MemberData(nameof(TrainerTask.All), MemberType = typeof(TrainerTask))]
    public void ConvertToOnnxIsRefusedInWords(TrainerTask task)
    {
        var context = new MLContext();
        var scored = task.Fit(context, Row.Many(50), options => options.NumberOfEpochs = 1).Transform(context.Data.LoadFromEnumerable(Row.Many(5)));
        // What ConvertToOnnx asks of each view, walking back through the pipeline; its package is not referenced here.
        var question = scored.GetType().GetInterfaces().Single(type => type.Name == "ICanSaveOnnx").GetMethod("CanSaveOnnx")!;
        var error = Assert.Throws<TargetInvocationException>(() => question.Invoke(scored, [null])).InnerException;
        Assert.Contains("ConvertToOnnx", Assert.IsType<NotSupportedException>(error).Message);
    }

    private static IEnumerable<Type> WithBases(Type type)
    {
        for (var t = type; t is not null && t.Assembly == Ours; t = t.BaseType)
        {
            yield return t;
        }
    }
}
