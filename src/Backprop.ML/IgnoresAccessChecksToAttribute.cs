using System.Runtime.CompilerServices;

[assembly: IgnoresAccessChecksTo("Microsoft.ML.Core")]
[assembly: IgnoresAccessChecksTo("Microsoft.ML.Data")]

namespace System.Runtime.CompilerServices;

/// <summary>Tells the runtime that this assembly uses internal members of another: here, ML.NET's framework for trainers.</summary>
/// <remarks>
/// ML.NET closes its base classes for trainers, and everything that saves and loads a model, to other assemblies. With public
/// members alone a trainer can do all but persist: <c>Model.Save</c> would throw. So this assembly, and no other of this project, uses chiefly:
/// <list type="bullet">
/// <item>TrainerEstimatorBase, TrainerInputBaseWithWeight, TrainerInfo, TrainerUtils, TrainContext, RoleMappedData and -Schema,
/// SchemaShape.Column, AnnotationUtils: to be a trainer with the schema and the errors users know;</item>
/// <item>SingleFeaturePredictionTransformerBase, the three scorers, EmptyDataView: to be a transformer that
/// PredictionEngine and PermutationFeatureImportance accept, with annotations as ML.NET writes them;</item>
/// <item>ModelParametersBase, IValueMapper, IValueMapperDist, IDistPredictorProducing, PredictionKind: to be what those scorers
/// score with;</item>
/// <item>LoadableClassAttribute, SignatureLoadModel, VersionInfo, ModelSaveContext, ModelLoadContext: to be saved and loaded;</item>
/// <item>RowToRowTransformerBase and its mapper, IFeatureContributionMapper, FeatureContributionCalculator, VectorUtils.SparsifyNormalize: to
/// explain predictions, by a transformer and by ML.NET's own CalculateFeatureContribution;</item>
/// <item>ITransformCanSaveOnnx, IDataTransform, OnnxContext, OnnxNode: to be exported by ConvertToOnnx, which otherwise writes a wrong
/// file without a warning;</item>
/// <item>NormalizingTransformer.Columns and the names in its ColumnOptions: to find the normaliser of a column;</item>
/// <item>ISchemaBindableMapper, ISchemaBoundRowMapper, SimpleRow: to score row by row into columns that no scorer of ML.NET's has;</item>
/// <item>CatalogUtils, Contracts' CheckAlive and ExceptSchemaMismatch, HostExtensions, MathUtils.ArgMax: to live in the catalogs, stop
/// when told, log, and break ties alike.</item>
/// </list>
/// The attribute is honoured by CoreCLR and Mono but unsupported, hence one assembly, a bounded package range,
/// and a test that touches every member above. At compile time src/Publicize makes the same members visible.
/// </remarks>
/// <param name="assemblyName">The simple name of the assembly whose internal members are used.</param>
[AttributeUsage(AttributeTargets.Assembly, AllowMultiple = true)]
internal sealed class IgnoresAccessChecksToAttribute(string assemblyName) : Attribute
{
    /// <summary>The simple name of the assembly whose internal members are used.</summary>
    public string AssemblyName { get; } = assemblyName;
}
