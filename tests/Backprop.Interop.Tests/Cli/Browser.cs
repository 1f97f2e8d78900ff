using Microsoft.Playwright;

namespace Backprop.Interop.Tests.Cli;

/// <summary>The Chromium of this machine, without a window.</summary>
internal sealed class Browser : IAsyncDisposable
{
    /// <summary>Set to <c>required</c>, tests fail without a browser instead of being skipped.</summary>
    public const string Variable = "BACKPROP_BROWSER";

    private static readonly string[] names = ["chromium", "chromium-browser", "google-chrome", "chrome.exe"];

    // It may run as root, and asks nothing of a network.
    private static readonly string[] arguments =
        ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update",
            "--disable-sync"];

    private readonly IPlaywright playwright;

    private Browser(IPlaywright playwright, IBrowser chromium) => (this.playwright, Chromium) = (playwright, chromium);

    /// <summary>Why no page can be opened; null where one can, or must.</summary>
    public static string? Missing => Executable is not null || Environment.GetEnvironmentVariable(Variable) == "required"
        ? null
        : $"No browser is on the PATH: install one of {string.Join(", ", names)}. Without it, pages are not opened.";

    /// <summary>The browser.</summary>
    public IBrowser Chromium { get; }

    private static string? Executable { get; } = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .SelectMany(folder => names.Select(name => Path.Combine(folder, name))).FirstOrDefault(File.Exists);

    /// <summary>Starts it, with a profile of its own.</summary>
    public static async Task<Browser> Start()
    {
        Assert.True(Executable is not null, $"{Variable} is 'required', but none of {string.Join(", ", names)} is on the PATH.");
        var playwright = await Playwright.CreateAsync();
        return new(playwright, await playwright.Chromium.LaunchAsync(new() { ExecutablePath = Executable, Args = arguments }));
    }

    /// <summary>Opens a page light and dark, wide and as wide as a phone; it must need nothing beside itself and say nothing on the console.</summary>
    public async Task Check(string path)
    {
        var address = new Uri(path).AbsoluteUri;
        var backgrounds = new Dictionary<ColorScheme, string>();
        foreach (var scheme in new[] { ColorScheme.Light, ColorScheme.Dark })
        {
            foreach (var width in new[] { 1280, 390 })
            {
                var complaints = new List<string>();
                await using var context = await Chromium.NewContextAsync(new() { ColorScheme = scheme, ViewportSize = new() { Width = width, Height = 844 } });
                var page = await context.NewPageAsync();
                page.Console += (_, message) => complaints.Add($"console: {message.Text}");
                page.PageError += (_, error) => complaints.Add($"error: {error}");
                page.RequestFailed += (_, request) => complaints.Add($"failed: {request.Url}");
                page.Request += (_, request) => complaints.AddRange(request.Url == address ? [] : [$"request: {request.Url}"]);
                await page.GotoAsync(address);

                var where = $"{Path.GetFileName(path)}, {scheme}, {width} wide";
                Assert.True(complaints.Count == 0, $"{where}: {string.Join("; ", complaints)}");
                var wide = await page.EvaluateAsync<int>("document.documentElement.scrollWidth");
                Assert.True(wide <= width, $"{where}: the page is {wide} wide");
                Assert.NotEqual("", await page.InnerTextAsync("h1"));
                backgrounds[scheme] = await page.EvaluateAsync<string>("getComputedStyle(document.body).backgroundColor");
            }
        }

        Assert.NotEqual(backgrounds[ColorScheme.Light], backgrounds[ColorScheme.Dark]);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Chromium.DisposeAsync();
        playwright.Dispose();
    }
}

/// <summary>A theory about pages in a browser: skipped, visibly, where there is none and none is required.</summary>
public sealed class BrowserTheoryAttribute : TheoryAttribute
{
    public BrowserTheoryAttribute() => Skip = Browser.Missing;
}

/// <summary>A fact about pages in a browser: skipped, visibly, where there is none and none is required.</summary>
public sealed class BrowserFactAttribute : FactAttribute
{
    public BrowserFactAttribute() => Skip = Browser.Missing;
}
