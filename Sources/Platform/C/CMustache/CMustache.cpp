#include "CMustache.h"

#include <kainjow/mustache.hpp>

#include <cstdlib>
#include <cstring>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

using kainjow::mustache::context;
using kainjow::mustache::data;
using kainjow::mustache::mustache;

namespace {

struct open_member {
    std::string name;
    data value;
};

/// Looks values up as usual and remembers what it did not find.
class strict_context final : public context<std::string> {
public:
    explicit strict_context(const data *values) : context(values) {}

    const data *get(const std::string &name) const override {
        const data *value = context::get(name);
        if (value == nullptr) missing_.insert(name);
        return value;
    }

    /// Partials are put in before the template comes here.
    const data *get_partial(const std::string &name) const override {
        missing_.insert(name);
        return nullptr;
    }

    const std::set<std::string> &missing() const { return missing_; }

private:
    mutable std::set<std::string> missing_;
};

cmustache_result result(cmustache_status status, const std::string &text) {
    if (text.empty()) return {status, nullptr, 0};
    char *copy = static_cast<char *>(std::malloc(text.size()));
    if (copy == nullptr) return {CMUSTACHE_FAILED, nullptr, 0};
    std::memcpy(copy, text.data(), text.size());
    return {status, copy, text.size()};
}

std::string joined(const std::set<std::string> &names) {
    std::string text;
    for (const std::string &name : names) {
        if (!text.empty()) text += ", ";
        text += name;
    }
    return text;
}

}  // namespace

struct cmustache_values {
    /// The first is the root, the last the innermost that is open.
    std::vector<open_member> open;

    bool put(const std::string &name, const data &value) {
        data &parent = open.back().value;
        if (parent.is_list()) {
            parent.push_back(value);
        } else {
            parent.set(name, value);
        }
        return true;
    }
};

/// Runs the body; false where it throws, which only a lack of memory makes it do.
template <typename Body>
static bool guarded(Body body) noexcept {
    try {
        return body();
    } catch (...) {
        return false;
    }
}

cmustache_values *cmustache_values_new(void) {
    std::unique_ptr<cmustache_values> values;
    const bool made = guarded([&] {
        values = std::make_unique<cmustache_values>();
        values->open.push_back({std::string(), data(data::type::object)});
        return true;
    });
    return made ? values.release() : nullptr;
}

void cmustache_values_free(cmustache_values *values) { delete values; }

bool cmustache_put_text(
    cmustache_values *values, const char *name, size_t name_length, const char *text, size_t text_length) {
    return guarded([&] {
        // An empty text prints nothing and, unlike the library's, is false as a section.
        data value = text_length == 0 ? data(false) : data(std::string(text, text_length));
        return !values->open.back().value.is_list() && values->put(std::string(name, name_length), value);
    });
}

bool cmustache_put_flag(cmustache_values *values, const char *name, size_t name_length, bool flag) {
    return guarded([&] {
        return !values->open.back().value.is_list() && values->put(std::string(name, name_length), data(flag));
    });
}

bool cmustache_open_object(cmustache_values *values, const char *name, size_t name_length) {
    return guarded([&] {
        values->open.push_back({std::string(name, name_length), data(data::type::object)});
        return true;
    });
}

bool cmustache_open_list(cmustache_values *values, const char *name, size_t name_length) {
    return guarded([&] {
        values->open.push_back({std::string(name, name_length), data(data::type::list)});
        return true;
    });
}

bool cmustache_close(cmustache_values *values) {
    return guarded([&] {
        if (values->open.size() < 2) return false;
        const open_member closed = std::move(values->open.back());
        values->open.pop_back();
        return values->put(closed.name, closed.value);
    });
}

struct cmustache_template {
    mustache parsed;
};

cmustache_result cmustache_template_new(
    const char *source, size_t source_length, bool escape, cmustache_template **made) {
    *made = nullptr;
    cmustache_result outcome{CMUSTACHE_FAILED, nullptr, 0};
    guarded([&] {
        auto created = std::make_unique<cmustache_template>(
            cmustache_template{mustache{std::string(source, source_length)}});
        if (!created->parsed.is_valid()) {
            outcome = result(CMUSTACHE_MALFORMED, created->parsed.error_message());
            return true;
        }
        // Most values have nothing to escape, and kainjow copies them character by character.
        created->parsed.set_custom_escape([escape](const std::string &text) {
            return escape && text.find_first_of("&<>\"'") != std::string::npos ? kainjow::mustache::html_escape(text) : text;
        });
        *made = created.release();
        outcome = {CMUSTACHE_RENDERED, nullptr, 0};
        return true;
    });
    return outcome;
}

void cmustache_template_free(cmustache_template *made) { delete made; }

cmustache_result cmustache_render(cmustache_template *made, const cmustache_values *values) {
    cmustache_result outcome{CMUSTACHE_FAILED, nullptr, 0};
    guarded([&] {
        strict_context lookup(&values->open.front().value);
        const std::string text = made->parsed.render(lookup);
        outcome = lookup.missing().empty() ? result(CMUSTACHE_RENDERED, text)
                                           : result(CMUSTACHE_MISSING, joined(lookup.missing()));
        return true;
    });
    return outcome;
}

void cmustache_text_free(char *text) { std::free(text); }
