using System.Text.Json;

namespace Backprop.Serving;

using Classifier = ModelFile<ClassifierInput, ClassifierOutput>;

/// <summary>A classifier of vectors behind HTTP: <c>POST /classify</c> scores a row, <c>GET /model</c> says what with.</summary>
public static class ClassifierService
{
    /// <summary>Makes the service; the option <c>--model FILE</c> names the model.</summary>
    /// <param name="args">Options of ASP.NET Core, such as <c>--urls</c>, and the model.</param>
    /// <param name="configure">Changes what is served with, for example where logs go.</param>
    /// <exception cref="ArgumentException">No model is named, or its folder does not exist.</exception>
    /// <exception cref="InvalidDataException">There is no such model.</exception>
    public static WebApplication Create(string[] args, Action<WebApplicationBuilder>? configure = null)
    {
        var builder = WebApplication.CreateBuilder(args);
        var path = builder.Configuration["model"] ?? throw new ArgumentException("Which model is to be served? Give --model FILE.");
        builder.Services.AddSingleton(services => ActivatorUtilities.CreateInstance<Classifier>(services, path));
        configure?.Invoke(builder);

        var service = builder.Build();
        // A missing or damaged model is found here, not by the first request.
        service.Services.GetRequiredService<Classifier>();
        service.MapGet("/model", (Classifier classifier) => Describe(classifier.Current));
        service.MapPost("/classify", ClassifyAsync);
        return service;
    }

    private static ModelDescription Describe(LoadedModel<ClassifierInput, ClassifierOutput> model)
        => new(model.Id, model.SizeOf(nameof(ClassifierInput.Features)));

    private static async Task<IResult> ClassifyAsync(HttpRequest request, Classifier classifier)
    {
        var model = classifier.Current;
        var wanted = Describe(model).Features;
        if (!request.HasJsonContentType())
        {
            return Refusal(
                $"The content type is '{request.ContentType}'. Send application/json: {{\"features\": [{wanted} numbers]}}.",
                    StatusCodes.Status415UnsupportedMediaType);
        }

        if (request.GetTypedHeaders().ContentType is { Charset.HasValue: true, Encoding: null } type)
        {
            return Refusal($"The charset '{type.Charset}' is not known. Send UTF-8, without a charset.", StatusCodes.Status415UnsupportedMediaType);
        }

        ClassificationRequest? row;
        try
        {
            row = await request.ReadFromJsonAsync<ClassificationRequest>(request.HttpContext.RequestAborted);
        }
        catch (JsonException e)
        {
            return Refusal($"The body is no row in JSON: {e.Message} Send {{\"features\": [{wanted} numbers]}}.");
        }

        catch (BadHttpRequestException e)
        {
            // Above the server's limit of size, for example.
            return Refusal($"The body cannot be read: {e.Message} Send {{\"features\": [{wanted} numbers]}}.", e.StatusCode);
        }

        if (row?.Features is not { } features)
        {
            return Refusal($"The body has no 'features'. Send {{\"features\": [{wanted} numbers]}}.");
        }

        if (features.Length != wanted)
        {
            return Refusal($"'features' has {features.Length} numbers; the model takes {wanted}.");
        }

        if (Array.FindIndex(features, feature => !float.IsFinite(feature)) is >= 0 and var place)
        {
            return Refusal($"'features[{place}]' is beyond the range of a float, ±{float.MaxValue:G3}.");
        }

        var output = model.Predict(new() { Features = features });
        return output.Score.All(float.IsFinite)
            ? Results.Ok(new Classification(output.PredictedLabel, output.Score, model.Id))
            : Refusal("The model gives no probabilities for 'features': they are too far from what it was trained on.");
    }

    private static IResult Refusal(string detail, int status = StatusCodes.Status400BadRequest) => Results.Problem(detail, statusCode: status);
}
