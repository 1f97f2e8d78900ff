using System.Security.Cryptography;
using Microsoft.Extensions.ObjectPool;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Backprop.Serving;

/// <summary>A model as one file held it, scored by any number of threads at once: each borrows a PredictionEngine, which is for one thread at a time.</summary>
/// <typeparam name="TInput">A row; its members are the columns the model wants.</typeparam>
/// <typeparam name="TOutput">The columns wanted of the model.</typeparam>
public sealed class LoadedModel<TInput, TOutput> : PooledObjectPolicy<PredictionEngine<TInput, TOutput>>
    where TInput : class
    where TOutput : class, new()
{
    private readonly MLContext context = new();
    private readonly ITransformer model;
    private readonly DataViewSchema inputSchema;
    private readonly DefaultObjectPool<PredictionEngine<TInput, TOutput>> engines;

    /// <summary>Loads a model, and makes the first engine, so that a model of other columns is refused here and not by a request.</summary>
    /// <param name="file">The bytes of the file that <c>mlContext.Model.Save</c> wrote.</param>
    /// <exception cref="Exception">The file is damaged, or its model has other columns: ML.NET says so with exceptions of many types.</exception>
    public LoadedModel(byte[] file)
    {
        Id = IdOf(file);
        model = context.Model.Load(new MemoryStream(file), out inputSchema);
        engines = new(this);
        engines.Return(Create());
    }

    /// <summary>The SHA-256 of the file: equal, whenever two answers came from the same model.</summary>
    public string Id { get; }

    /// <summary>The identity of a file of these bytes.</summary>
    public static string IdOf(byte[] file) => Convert.ToHexStringLower(SHA256.HashData(file));

    /// <summary>How many numbers the model takes in a column.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such column.</exception>
    public int SizeOf(string column) => inputSchema[column].Type is VectorDataViewType vector ? vector.Size : 1;

    /// <summary>Scores a row.</summary>
    public TOutput Predict(TInput row)
    {
        var engine = engines.Get();
        var output = engine.Predict(row);
        engines.Return(engine);
        return output;
    }

    /// <summary>Makes another engine. It does not own the model: all of them share it.</summary>
    public override PredictionEngine<TInput, TOutput> Create()
    {
        // Sizes of vectors are the model's, not the class's.
        var columns = SchemaDefinition.Create(typeof(TInput));
        foreach (var column in columns.Where(column => inputSchema.GetColumnOrNull(column.ColumnName) is not null))
        {
            column.ColumnType = inputSchema[column.ColumnName].Type;
        }

        return context.Model.CreatePredictionEngine<TInput, TOutput>(
            model, new PredictionEngineOptions { InputSchemaDefinition = columns, OwnsTransformer = false });
    }

    /// <summary>Every engine can be used again.</summary>
    public override bool Return(PredictionEngine<TInput, TOutput> engine) => true;
}
